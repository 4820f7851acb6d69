#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "simulator/base/error.h"
#include "simulator/batch/merged_rows.h"
#include "simulator/cli/batch_command.h"
#include "simulator/cli/progress.h"
#include "simulator/study/plan_answers.h"

namespace windtunnel {
namespace {

struct Options {
  std::vector<std::string> shards;
  std::string out;
  std::string csv;
  bool partial = false;
};

ExitCode run_merge(const Options& options, const Environment& environment) {
  const auto refuse_plans = [&](const BatchHead& head) {
    if (!head.hash.starts_with(kPlanHash)) return;
    throw UsageError(fmt::format("{}: answers about plans; `plan SPEC --from` takes the shards",
                                 options.shards.front()));
  };
  const MergedRows rows =
      merge_shards({options.shards.begin(), options.shards.end()}, refuse_plans);
  if (rows.missing > 0) {
    const std::string what = fmt::format("{} of {} points are missing: {}", rows.missing,
                                         rows.head.count, missing_text(rows));
    if (!options.partial)
      throw UsageError(what + (rows.torn.empty() ? " " : "\n") + "(--partial merges without them)");
    warn(environment, what);
  }
  keep_apart(options.out, options.csv, options.shards);
  write_table(options.out, rows);
  if (!options.csv.empty()) write_csv(options.csv, rows);
  return ExitCode::kFine;
}

}  // namespace

Command add_merge(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("merge", "Make one table of the shards of a sweep");
  command->add_option("SHARD", options->shards, "files that --shard wrote")->required();
  command->add_option("-o,--out", options->out, "SQLite, or CSV for a name in .csv, - for stdout")
      ->type_name("FILE")
      ->required();
  command->add_option("--csv", options->csv, "the table as CSV too")->type_name("FILE");
  command->add_flag("--partial", options->partial, "although points are missing");
  command->footer(
      "Examples:\n"
      "  windtunnel merge gpt-degrees.*.shard -o degrees.db --csv degrees.csv");
  return [options, &environment] { return run_merge(*options, environment); };
}

}  // namespace windtunnel
