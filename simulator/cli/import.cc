#include <fmt/format.h>

#include <memory>

#include "reports/compare/result_file.h"
#include "reports/compare/result_store.h"
#include "reports/render/format.h"
#include "simulator/cli/command.h"
#include "simulator/cli/progress.h"

namespace windtunnel {
namespace {

struct Options {
  std::string file;
  std::string database = "results.db";
  std::string commit;
  std::string date;
};

ExitCode run_import(const Options& options, const Environment& environment) {
  const ResultSet set = load_results(options.file);
  const auto run = import_results(options.database, set, options.commit, options.date);
  if (!run) {
    warn(environment, fmt::format("`{}` is in `{}` already", options.file, options.database));
    return ExitCode::kFine;
  }
  write_output("-", fmt::format("run {}: {} from {}\n", *run,
                                format_number_of(set.benchmarks.size(), "benchmark"), set.format));
  return ExitCode::kFine;
}

}  // namespace

Command add_import(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  // A script whose variable is unset would store results of nobody knows what.
  const CLI::Validator said(
      [](std::string& text) { return text.empty() ? "is empty: expected a text" : ""; }, "");
  CLI::App* command = app.add_subcommand(
      "import", "Append benchmark results of any of the known tools to a results database");
  command
      ->add_option("FILE", options->file,
                   "windtunnel-bench, Google Benchmark, nvbench or "
                   "nccl-tests JSON")
      ->required();
  command->add_option("--database", options->database, "SQLite file (results.db)")
      ->type_name("FILE");
  command->add_option("--commit", options->commit, "what was measured, where the file doesn't say")
      ->check(said)
      ->type_name("SHA");
  command->add_option("--date", options->date, "when, where the file doesn't say")->check(said);
  command->footer(
      "Examples:\n"
      "  windtunnel import nccl.json --database results.db --commit 1a2b3c4");
  return [options, &environment] { return run_import(*options, environment); };
}

}  // namespace windtunnel
