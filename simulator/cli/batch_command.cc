#include "simulator/cli/batch_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iostream>

#include "simulator/base/error.h"
#include "simulator/base/threads.h"
#include "simulator/batch/execution.h"
#include "simulator/batch/row_table.h"
#include "simulator/batch/row_text.h"
#include "simulator/cli/interrupt.h"
#include "simulator/cli/progress.h"
#include "simulator/cli/ranks.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

void say_stopped(const Execution& done, std::int64_t size, const fs::path& file) {
  fmt::print(stderr,
             "windtunnel: interrupted: {} of {} points are done and kept in {}; the same command "
             "goes on from there\n",
             done.found + done.added, size, file.string());
}

[[noreturn]] void refuse_changed(const std::string& file, const fs::path& rows,
                                 const Ranks& ranks) {
  const fs::path aside = put_aside(rows);
  ranks.agree(true);  // all have done so
  throw UsageError(fmt::format(
      "{} was changed while its points were computed: the rows so far, of both, were put aside in "
      "{}; the same command begins anew",
      file.empty() ? "a file" : file, aside.string()));
}

/// The error of the first point where every point has one: what is asked for cannot be had.
std::string common_failure(const MergedRows& rows) {
  const auto& columns = rows.head.columns;
  if (columns.empty() || columns.back().name != "error") return "";
  std::string first;
  bool worked = false;
  for_each_row(rows, [&](std::int64_t, std::string_view text) {
    worked = worked || text.ends_with(",");  // the last cell is empty
    if (first.empty() && !worked) first = row_cells(text).back();
  });
  return worked ? "" : first;
}

ExitCode finish_tables(const BatchOptions& options, const std::string& out, const Parts& parts) {
  std::vector<fs::path> files = parts.others;
  files.push_back(parts.own);
  const MergedRows rows = merge_shards(files);
  if (rows.missing > 0) {
    throw UsageError(fmt::format("rows of points are missing: {}", missing_text(rows)));
  }
  write_table(out, rows);
  if (!options.csv.empty()) write_csv(options.csv, rows);
  const std::string reason = common_failure(rows);
  std::error_code ignored;
  for (const fs::path& file : files) fs::remove(file, ignored);
  if (reason.empty()) return ExitCode::kFine;
  fmt::print(stderr, "windtunnel: not one of the {} points can be simulated. The first: {}\n",
             rows.head.count, reason);
  return ExitCode::kUsage;
}

fs::path program_folder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (::access((fs::path(rest.substr(0, colon)) / program).c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return false;
}

}  // namespace

void add_batch_options(CLI::App& command, BatchOptions& options) {
  command.add_option("--shard", options.shard, "only every n-th point from i on, as a shard file")
      ->type_name("i/n");
  command
      .add_option("--threads", options.threads,
                  "threads of each process (1 a rank of MPI); results do not depend on it")
      ->check(CLI::Range(1, 1024));
  command.add_option("-o,--out", options.out, "the table: SQLite, or CSV for a name in .csv")
      ->type_name("FILE");
  command.add_option("--csv", options.csv, "the table as CSV too, - for stdout")->type_name("FILE");
  command.add_option("--mpi", options.mpi, "so many processes, started by mpirun")
      ->check(CLI::Range(1, 1 << 20));
}

int threads_of(const BatchOptions& options) {
  if (options.threads > 0) return options.threads;
  return options.mpi > 0 ? 1 : hardware_threads();
}

BatchPart parse_share(const std::string& text) {
  if (text.empty()) return {0, 1};
  BatchPart share{0, 0};
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, share.index);
  const bool slash = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  const auto second = slash ? std::from_chars(first.ptr + 1, end, share.of) : first;
  const bool read = slash && second.ec == std::errc() && second.ptr == end;
  if (read && share.of >= 1 && share.index >= 0 && share.index < share.of) return share;
  throw UsageError(fmt::format("--shard {}: expected i/n, such as 0/{} to {}/{}", text,
                               std::max(share.of, 3), std::max(share.of, 3) - 1,
                               std::max(share.of, 3)));
}

ExitCode run_under_mpi(int ranks, const std::vector<std::string>& arguments) {
  const std::string program = (program_folder() / "windtunnel-mpi").string();
  const bool built = ::access(program.c_str(), X_OK) == 0;
  if (!built || !on_path("mpirun")) {
    fmt::print(stderr,
               "windtunnel: --mpi needs MPI, and {}. Debian: apt-get install libopenmpi-dev "
               "openmpi-bin, then ./run build. Without it: --threads, or --shard and merge\n",
               built ? "there is no mpirun" : "this was built without it");
    return ExitCode::kMissing;
  }
  std::vector<std::string> words{"mpirun", "-np", fmt::format("{}", ranks), program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  throw UsageError(fmt::format("cannot start mpirun: {}", std::strerror(errno)));
}

Parts parts_of(const std::string& out, int rank) {
  const fs::path target(out);
  const std::string prefix = target.filename().string() + ".part";
  Parts parts{.own = out + fmt::format(".part{}", rank), .others = {}};
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  std::error_code error;
  for (fs::directory_iterator item(folder, error), end; !error && item != end;
       item.increment(error)) {
    const std::string name = item->path().filename().string();
    const bool part = name.starts_with(prefix) && name.size() > prefix.size() &&
                      std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()),
                                  name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (part && name != parts.own.filename()) {
      parts.others.push_back(target.has_parent_path() ? item->path() : fs::path(name));
    }
  }
  std::sort(parts.others.begin(), parts.others.end());
  return parts;
}

bool holds_on_first(const Ranks& ranks, const std::function<void()>& check) {
  std::string wrong;
  try {
    if (ranks.rank == 0) check();
  } catch (const std::exception& error) {
    if (ranks.count == 1) throw;
    const bool in_file = dynamic_cast<const ConfigError*>(&error) != nullptr;
    wrong = in_file ? error.what() : fmt::format("windtunnel: {}\n", error.what());
    fmt::print(stderr, "{}", wrong);
  }
  return ranks.agree(wrong.empty());
}

void end_ranks_for(const std::exception& error, int rank) {
  const bool usage = dynamic_cast<const ConfigError*>(&error) != nullptr ||
                     dynamic_cast<const UsageError*>(&error) != nullptr;
  fmt::print(stderr, "windtunnel: rank {}: {}\n", rank, error.what());
  end_ranks(static_cast<int>(usage ? ExitCode::kUsage : ExitCode::kInternal));
}

fs::path put_aside(const fs::path& rows) {
  const fs::path aside = rows.string() + ".mixed";
  std::error_code failure;
  fs::rename(rows, aside, failure);
  return aside;
}

void keep_apart(const std::string& out, const std::string& csv,
                const std::vector<std::string>& read) {
  const auto same = [](const std::string& a, const std::string& b) {
    std::error_code missing;
    return !a.empty() && a != "-" && (a == b || fs::equivalent(a, b, missing));
  };
  if (same(out, csv)) throw UsageError(fmt::format("{}: one file for two outputs", out));
  for (const std::string& file : read) {
    if (same(out, file) || same(csv, file)) {
      throw UsageError(fmt::format("{}: it would be overwritten", file));
    }
  }
}

void write_csv(const std::string& file, const MergedRows& rows) {
  if (file != "-") return write_rows_csv(fs::path(file), rows);
  write_rows_csv(std::cout, rows);
  if (!std::cout.flush()) throw UsageError("cannot write to stdout");
}

void write_table(const std::string& file, const MergedRows& rows) {
  if (file == "-" || file.ends_with(".csv")) {
    write_csv(file, rows);
  } else {
    write_rows_sqlite(file, rows);
  }
}

namespace {

ExitCode run_on(const Ranks& ranks, const Batch& batch, const BatchOptions& options,
                const std::string& name, const std::string& stem, const Environment& environment) {
  const BatchPart share = parse_share(options.shard);
  const bool whole = options.shard.empty();
  if (!whole && !options.csv.empty()) {
    throw UsageError("--shard writes a shard; `merge` makes the table of all of them");
  }
  const std::string of_share = fmt::format("{}.{}-of-{}.shard", stem, share.index, share.of);
  const std::string out = !options.out.empty() ? options.out : (whole ? stem + ".db" : of_share);
  if (!ranks.same(batch.head.hash + out + options.shard)) {
    throw UsageError("not all ranks have the same arguments and files");
  }
  const Parts parts = whole ? parts_of(out, ranks.rank) : Parts{.own = out, .others = {}};
  const std::int64_t size = share_size(share, batch.head.count);
  const int threads = options.threads > 0 || ranks.count == 1 ? threads_of(options) : 1;
  ProgressLine line(name, environment, true);
  const Tickets tickets = ranks.deal();
  const Execution done =
      execute(batch, {.file = parts.own,
                      .others = parts.others,
                      .share = share,
                      .threads = threads,
                      .workers = threads * ranks.count,
                      .tickets = tickets,
                      .stopped = watch_for_interrupt(),
                      .progress = ranks.rank == 0 ? line.progress() : Progress{}});
  line.finish();
  const std::string changed = batch.changed ? batch.changed() : "";
  if (!ranks.agree(changed.empty())) refuse_changed(changed, parts.own, ranks);
  const bool finished = ranks.agree(!done.stopped);
  if (!finished) {
    if (done.stopped) say_stopped(done, size, parts.own);
    return ExitCode::kInterrupted;
  }
  if (!whole || ranks.rank != 0) return ExitCode::kFine;
  return finish_tables(options, out, parts_of(out, 0));
}

}  // namespace

ExitCode run_batch(const Batch& batch, const BatchOptions& options, const std::string& name,
                   const std::string& stem, const Environment& environment) {
  const Ranks ranks = open_ranks();
  return or_end_all(ranks, [&] { return run_on(ranks, batch, options, name, stem, environment); });
}

}  // namespace windtunnel
