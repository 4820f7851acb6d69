#include <memory>

#include "reports/render/html.h"
#include "reports/render/serving_text.h"
#include "reports/render/text.h"
#include "simulator/base/threads.h"
#include "simulator/cli/command.h"
#include "simulator/cli/progress.h"
#include "simulator/cli/settings.h"
#include "simulator/study/campaign.h"
#include "simulator/study/serving.h"
#include "simulator/workload/scenario_kind.h"

namespace windtunnel {
namespace {

struct Options {
  std::vector<std::string> scenarios;
  std::string output;
  std::vector<std::string> overrides;
};

struct Reported {
  std::vector<Projection> training;
  std::vector<ServingProjection> serving;
};

Reported simulate_all(const Options& options, const Environment& environment) {
  const std::vector<Override> overrides = settings_of(options.overrides);
  Reported all;
  ProgressLine line("report", environment);
  const auto pieces = static_cast<double>(options.scenarios.size());
  double done = 0;
  for (const std::string& file : options.scenarios) {
    const SimulationOptions how{
        .fidelity = Fidelity::kFolded,
        .threads = hardware_threads(),
        .root = environment.root,
        .progress = within(line.progress(), done / pieces, (done + 1) / pieces)};
    if (scenario_family(file, overrides) == ScenarioFamily::kServing) {
      all.serving.push_back(simulate_serving(load_serving(file, overrides), how));
      add_setting_inputs(all.serving.back().inputs, options.overrides);
    } else {
      all.training.push_back(project(file, overrides, how).projection);
      add_setting_inputs(all.training.back().inputs, options.overrides);
    }
    ++done;
  }
  line.finish();
  return all;
}

ExitCode run_report(const Options& options, const Environment& environment) {
  const Reported all = simulate_all(options, environment);
  for (const Projection& projection : all.training) warn_of(environment, projection);
  for (const ServingProjection& projection : all.serving) warn_of(environment, projection);
  write_output(options.output, render_html(all.training, all.serving, environment.build));
  if (options.output == "-") return ExitCode::kFine;
  for (const Projection& projection : all.training) {
    write_output("-", render_text(projection, environment.colour));
  }
  for (const ServingProjection& projection : all.serving) {
    write_output("-", render_serving_text(projection, environment.colour));
  }
  return ExitCode::kFine;
}

}  // namespace

Command add_report(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "report", "Write the page of one or several scenarios and print their summaries");
  command->add_option("SCENARIO", options->scenarios, "scenario files (TOML)")->required();
  command->add_option("-o,--output", options->output, "HTML file, - for stdout")
      ->type_name("FILE")
      ->required();
  add_settings(*command, options->overrides);
  command->footer(
      "Examples:\n"
      "  windtunnel report scenarios/deepseek-v3/pretrain.toml -o page.html\n"
      "  windtunnel report scenarios/deepseek-v3/pretrain.toml --set schedule.name=1f1b "
      "-o 1f1b.html\n"
      "  windtunnel report scenarios/deepseek-v3/serve-h200.toml \\\n"
      "    scenarios/deepseek-v3/serve-h100.toml -o side-by-side.html");
  return [options, &environment] { return run_report(*options, environment); };
}

}  // namespace windtunnel
