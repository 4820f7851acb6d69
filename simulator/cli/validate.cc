#include <algorithm>
#include <iterator>
#include <memory>

#include "reports/render/json.h"
#include "reports/render/validation_text.h"
#include "simulator/base/threads.h"
#include "simulator/cli/command.h"
#include "simulator/cli/progress.h"
#include "simulator/study/validation.h"

namespace windtunnel {
namespace {

struct Options {
  std::string filter;
  std::string json;
  bool runs = false;
};

/// A set is one line of its own; its runs are rows where they are asked for.
std::vector<ComparisonRow> shown_rows(const Validation& validation, bool runs) {
  std::vector<ComparisonRow> rows;
  std::copy_if(validation.rows.begin(), validation.rows.end(), std::back_inserter(rows),
               [&](const ComparisonRow& row) { return runs || row.set.empty(); });
  return rows;
}

ExitCode run_validate(const Options& options, const Environment& environment) {
  ProgressLine line("validate", environment);
  const Validation validation =
      validate(environment.root, options.filter, hardware_threads(), line.progress());
  line.finish();
  if (!options.json.empty()) {
    write_output(options.json, render_validation_json(validation.rows, validation.sets,
                                                      validation.inputs, environment.build));
  }
  if (options.json != "-") {
    const std::vector<ComparisonRow> rows = shown_rows(validation, options.runs);
    const std::string figures =
        rows.empty() ? "" : render_validation_text(rows, environment.colour);
    write_output("-", figures + render_set_text(validation.sets, environment.colour));
  }
  const auto misses = [](const auto& one) { return fails(one); };
  const bool failed = std::any_of(validation.rows.begin(), validation.rows.end(), misses) ||
                      std::any_of(validation.sets.begin(), validation.sets.end(), misses);
  return failed ? ExitCode::kGateFailed : ExitCode::kFine;
}

}  // namespace

Command add_validate(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("validate", "Every published figure beside its projection");
  command->add_option("--filter", options->filter, "only rows whose model or quantity contains it");
  command->add_flag("--runs", options->runs, "every run of a set as a row, too");
  command->add_option("--json", options->json, "write the document, - for stdout")
      ->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  windtunnel validate\n"
      "  windtunnel validate --filter DeepSeek-V3 --json validation.json\n"
      "  windtunnel validate --filter vtrain --runs");
  return [options, &environment] { return run_validate(*options, environment); };
}

}  // namespace windtunnel
