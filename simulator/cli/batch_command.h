// What every command that evaluates a batch does: shards, threads, ranks, ^C, the table at the end.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "simulator/batch/batch.h"
#include "simulator/batch/merged_rows.h"
#include "simulator/cli/command.h"

namespace windtunnel {

/// `--shard`, `--threads` (0: not said), `--out`, `--csv`, `--mpi`.
struct BatchOptions {
  std::string shard;
  int threads = 0;
  std::string out;
  std::string csv;
  int mpi = 0;
};

/// Adds them to `command`.
void add_batch_options(CLI::App& command, BatchOptions& options);

/// Threads of each process: this machine's, or one a rank, unless something else was said.
int threads_of(const BatchOptions& options);

/// The share that `--shard i/n` names, or the whole; throws UsageError.
BatchPart parse_share(const std::string& text);

/// Starts `arguments` again as windtunnel-mpi under mpirun, in this process' place. Returns only
/// where one of the two is missing, having said so.
ExitCode run_under_mpi(int ranks, const std::vector<std::string>& arguments);

/// Evaluates `batch`, going on from what is there, and writes the tables once all is done: with a
/// shard only that. `name` is the command's, `stem` the file's without its ending.
ExitCode run_batch(const Batch& batch, const BatchOptions& options, const std::string& name,
                   const std::string& stem, const Environment& environment);

/// The rows of a run that is not finished: a file for each of its ranks, now or earlier.
struct Parts {
  std::filesystem::path own;
  std::vector<std::filesystem::path> others;
};

/// Those that come before the file `out`.
Parts parts_of(const std::string& out, int rank);

/// Rows that were made while a file changed are of the old one and the new one: they are put where
/// no later start finds them, which is returned.
std::filesystem::path put_aside(const std::filesystem::path& rows);

/// Throws UsageError where an output would take the place of the other one or of a file that is
/// read.
void keep_apart(const std::string& out, const std::string& csv,
                const std::vector<std::string>& read);

/// Writes CSV, to stdout for "-".
void write_csv(const std::string& file, const MergedRows& rows);

/// Writes CSV for "-" and a name that ends in .csv, else SQLite.
void write_table(const std::string& file, const MergedRows& rows);

}  // namespace windtunnel
