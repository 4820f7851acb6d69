#include <memory>

#include "reports/render/explain.h"
#include "reports/render/json.h"
#include "reports/render/text.h"
#include "simulator/base/threads.h"
#include "simulator/cli/command.h"
#include "simulator/cli/progress.h"
#include "simulator/study/campaign.h"

namespace windtunnel {
namespace {

struct Options {
  std::string scenario;
  std::string fidelity = "folded";
  std::vector<std::string> overrides;
  std::string json;
  bool explain = false;
  int threads = hardware_threads();
};

ExitCode run_simulate(const Options& options, const Environment& environment) {
  std::vector<Override> overrides;
  for (const std::string& text : options.overrides) overrides.push_back(parse_pair("--set", text));
  const bool full = options.fidelity == "full";
  ProgressLine line("simulate", environment);
  const Projection projection = project(options.scenario, overrides,
                                        {.fidelity = full ? Fidelity::kFull : Fidelity::kFolded,
                                         .threads = options.threads,
                                         .root = environment.root,
                                         .progress = line.progress()})
                                    .projection;
  line.finish();
  warn_of(environment, projection);
  if (options.explain && options.json == "-") {
    warn(environment, "--explain is left out: the document takes stdout");
  }
  if (!options.json.empty()) {
    write_output(options.json, render_json(projection, environment.build));
    if (options.json == "-") return ExitCode::kFine;
  }
  write_output("-", options.explain ? render_explain(projection)
                                    : render_text(projection, environment.colour));
  return ExitCode::kFine;
}

}  // namespace

Command add_simulate(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("simulate", "Project a scenario: time, cost, memory");
  command->add_option("SCENARIO", options->scenario, "scenario file (TOML)")->required();
  command
      ->add_option("--fidelity", options->fidelity,
                   "folded: one rank for all alike; full: every rank of the cluster")
      ->check(CLI::IsMember({"folded", "full"}));
  command->add_option("--set", options->overrides, "change a key: --set parallelism.pipeline=8")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--json", options->json, "write the document, - for stdout")
      ->type_name("FILE");
  command->add_flag("--explain", options->explain, "every term: formula, value, source");
  command->add_option("--threads", options->threads, "threads; results do not depend on it")
      ->check(CLI::Range(1, 1024));
  return [options, &environment] { return run_simulate(*options, environment); };
}

}  // namespace windtunnel
