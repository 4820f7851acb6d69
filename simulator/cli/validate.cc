#include <algorithm>
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
};

ExitCode run_validate(const Options& options, const Environment& environment) {
  ProgressLine line("validate", environment);
  const Validation validation =
      validate(environment.root, options.filter, hardware_threads(), line.progress());
  line.finish();
  if (!options.json.empty()) {
    write_output(options.json,
                 render_validation_json(validation.rows, validation.inputs, environment.build));
  }
  if (options.json != "-") {
    write_output("-", render_validation_text(validation.rows, environment.colour));
  }
  const bool failed = std::any_of(validation.rows.begin(), validation.rows.end(), fails);
  return failed ? ExitCode::kGateFailed : ExitCode::kFine;
}

}  // namespace

Command add_validate(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("validate", "Every published figure beside its projection");
  command->add_option("--filter", options->filter, "only rows whose model or quantity contains it");
  command->add_option("--json", options->json, "write the document, - for stdout")
      ->type_name("FILE");
  return [options, &environment] { return run_validate(*options, environment); };
}

}  // namespace windtunnel
