// windtunnel-collectives: collectives between ranks, on GPUs by NCCL or on hosts by MPI.
#include <fmt/format.h>

#include <cstdio>

#include "bench/collectives/options.h"
#include "bench/collectives/report.h"
#include "bench/harness/measurement_folder.h"
#include "bench/harness/program.h"
#include "simulator/base/text_file.h"

namespace windtunnel::bench {
namespace {

void write_results(const CollectiveOptions& options, const CollectiveRun& run,
                   std::span<const CollectiveResult> results) {
  const std::string json = collective_json(run, results);
  if (options.json == "-") {
    fmt::print("{}", json);
  } else {
    fmt::print("{}", collective_table(run, results));
    if (!options.json.empty()) write_file_atomically(options.json, json);
  }
  if (!options.database.empty()) append_collectives(options.database, run, results);
  if (options.measurements.empty()) return;
  const auto files = collective_files(run, results);
  if (files.empty()) {
    fmt::print(stderr, "{}", no_folder_text(run.machine.device));
  }
  write_files(options.measurements, files);
}

/// On every rank; the first of them reports.
ProgramEnd measure(const CollectiveOptions& options, const Communicator& communicator) {
  const Control& control = communicator.control;
  if (!same_everywhere(control, text(options.sweep, options.samples))) {
    if (control.rank == 0) {
      fmt::print(stderr, "windtunnel-collectives: not all ranks have the same arguments\n");
    }
    return ProgramEnd::kUsage;
  }
  const auto results = run_sweep(communicator, options.sweep, options.samples);
  std::string failure;
  if (control.rank == 0) {
    const CollectiveRun run{.machine = communicator.machine,
                            .backend = communicator.backend,
                            .commit = WINDTUNNEL_COMMIT,
                            .date = today(),
                            .ranks = control.ranks,
                            .nodes = communicator.nodes};
    try {
      write_results(options, run, results);
    } catch (const std::exception& error) {  // the other ranks wait to hear of it
      failure = error.what();
      fmt::print(stderr, "windtunnel-collectives: {}\n", failure);
    }
  }
  if (!control.first_text(failure).empty()) return ProgramEnd::kUsage;
  for (const CollectiveResult& result : results) {
    if (!result.wrong.empty()) return ProgramEnd::kWrong;
  }
  return ProgramEnd::kFine;
}

ProgramEnd run(const std::vector<std::string>& arguments) {
  const CollectiveOptions options = parse_collective_options(arguments);
  if (!options.help.empty()) {
    fmt::print("{}", options.help);
    return ProgramEnd::kFine;
  }
  ProgramEnd code = ProgramEnd::kFine;
  const Body body = [&](const Communicator& communicator) {
    const ProgramEnd own = measure(options, communicator);
    // All ranks come to the same; where they are threads, one of them says it.
    if (communicator.control.rank == communicator.first_rank) code = own;
  };
  const std::string why = options.over == Over::kHosts ? run_on_hosts(body) : run_on_gpus(body);
  if (why.empty()) return code;
  fmt::print(stderr, "windtunnel-collectives: nothing to measure on: {}\n", why);
  return ProgramEnd::kMissing;
}

}  // namespace
}  // namespace windtunnel::bench

int main(int count, char** arguments) {
  return windtunnel::bench::run_program("windtunnel-collectives", count, arguments,
                                        windtunnel::bench::run);
}
