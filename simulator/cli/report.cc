#include <memory>

#include "reports/render/html.h"
#include "reports/render/text.h"
#include "simulator/base/threads.h"
#include "simulator/cli/command.h"
#include "simulator/cli/progress.h"
#include "simulator/study/campaign.h"

namespace windtunnel {
namespace {

struct Options {
  std::vector<std::string> scenarios;
  std::string output;
};

ExitCode run_report(const Options& options, const Environment& environment) {
  std::vector<Projection> projections;
  ProgressLine line("report", environment);
  const auto pieces = static_cast<double>(options.scenarios.size());
  for (const std::string& file : options.scenarios) {
    const double begun = static_cast<double>(projections.size()) / pieces;
    projections.push_back(project(file, {},
                                  {.fidelity = Fidelity::kFolded,
                                   .threads = hardware_threads(),
                                   .root = environment.root,
                                   .progress = within(line.progress(), begun, begun + 1 / pieces)})
                              .projection);
  }
  line.finish();
  for (const Projection& projection : projections) warn_of(environment, projection);
  write_output(options.output, render_html(projections, environment.build));
  if (options.output == "-") return ExitCode::kFine;
  for (const Projection& projection : projections) {
    write_output("-", render_text(projection, environment.colour));
  }
  return ExitCode::kFine;
}

}  // namespace

Command add_report(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "report", "Write the page of one or several scenarios and print their summaries");
  command->add_option("SCENARIO", options->scenarios, "scenario files (TOML)")->required();
  command->add_option("-o,--output", options->output, "HTML file, - for stdout")->required();
  return [options, &environment] { return run_report(*options, environment); };
}

}  // namespace windtunnel
