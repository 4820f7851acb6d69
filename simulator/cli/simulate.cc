#include <algorithm>
#include <memory>

#include "reports/render/critical.h"
#include "reports/render/explain.h"
#include "reports/render/json.h"
#include "reports/render/serving_json.h"
#include "reports/render/serving_text.h"
#include "reports/render/text.h"
#include "simulator/base/error.h"
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
  std::string scenario;
  std::string fidelity = "folded";
  std::vector<std::string> overrides;
  std::string json;
  bool explain = false;
  std::string explained;  ///< what --explain is about: nothing named (prices), or kCritical
  int threads = hardware_threads();
  std::string measurements;
};

constexpr const char* kCritical = "critical";

/// `--explain SCENARIO` reads as if the scenario were what to explain.
void settle_words(Options& options) {
  if (options.scenario.empty() && options.explained != kCritical) {
    std::swap(options.scenario, options.explained);
  }
  if (options.scenario.empty()) throw CLI::RequiredError("SCENARIO");
  if (options.explained.empty() || options.explained == kCritical) return;
  throw UsageError("--explain: nothing is called `" + options.explained +
                   "`; nothing behind it (prices), or critical (the critical path)");
}

/// Writes the document where one is asked for, and the words unless it took stdout.
template <typename Document, typename Words>
void show(const Options& options, const Environment& environment, Document document, Words words) {
  // The critical path stands in the document too.
  if (options.explain && options.explained.empty() && options.json == "-") {
    warn(environment, "--explain is left out: the document takes stdout");
  }
  if (!options.json.empty()) write_output(options.json, document());
  if (options.json != "-") write_output("-", words());
}

/// Whether any term rests on the user's own profile, as import-trace names it.
bool prices_any(const Projection& projection) {
  return std::any_of(projection.terms.begin(), projection.terms.end(), [](const PricedTerm& term) {
    return term.price.provenance.source.find("own profile") != std::string::npos;
  });
}

void show_training(const Options& options, const std::vector<Override>& overrides,
                   const SimulationOptions& how, ProgressLine& line,
                   const Environment& environment) {
  Projection projection = project(options.scenario, overrides, how).projection;
  add_setting_inputs(projection.inputs, options.overrides);
  line.finish();
  warn_of(environment, projection);
  if (!options.measurements.empty() && !prices_any(projection)) {
    warn(environment, "no kernel of the step is one of the profile's: nothing is priced by it");
  }
  show(
      options, environment, [&] { return render_json(projection, environment.build); },
      [&] {
        if (projection.critical) return render_critical(projection);
        return options.explain ? render_explain(projection)
                               : render_text(projection, environment.colour);
      });
}

void show_serving(const Options& options, const ServingScenario& scenario,
                  const SimulationOptions& how, ProgressLine& line,
                  const Environment& environment) {
  ServingProjection projection = simulate_serving(scenario, how);
  add_setting_inputs(projection.inputs, options.overrides);
  line.finish();
  warn_of(environment, projection);
  show(
      options, environment, [&] { return render_serving_json(projection, environment.build); },
      [&] {
        return options.explain ? render_serving_explain(projection)
                               : render_serving_text(projection, environment.colour);
      });
}

ExitCode run_simulate(const Options& options, const Environment& environment) {
  const std::vector<Override> overrides = settings_of(options.overrides);
  ProgressLine line("simulate", environment);
  const bool full = options.fidelity == "full";
  const SimulationOptions how{.fidelity = full ? Fidelity::kFull : Fidelity::kFolded,
                              .threads = options.threads,
                              .root = environment.root,
                              .progress = line.progress(),
                              .critical = options.explained == kCritical,
                              .measurements = options.measurements};
  if (scenario_family(options.scenario, overrides) == ScenarioFamily::kServing) {
    if (how.critical) throw UsageError("--explain critical: a deployment has no step");
    if (full)
      throw UsageError("--fidelity full: a deployment is simulated by one GPU for all alike");
    if (!options.measurements.empty()) {
      throw UsageError("--measurements: a profile's kernels price training steps only");
    }
    show_serving(options, load_serving(options.scenario, overrides), how, line, environment);
  } else {
    show_training(options, overrides, how, line, environment);
  }
  return ExitCode::kFine;
}

}  // namespace

Command add_simulate(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("simulate", "Project a scenario: time, cost, memory");
  command->add_option("SCENARIO", options->scenario, "scenario file (TOML)")
      ->option_text("TEXT REQUIRED");
  command
      ->add_option("--fidelity", options->fidelity,
                   "folded: one rank for all alike; full: every rank of the cluster")
      ->check(CLI::IsMember({"folded", "full"}));
  add_settings(*command, options->overrides);
  command->add_option("--json", options->json, "write the document, - for stdout")
      ->type_name("FILE");
  command
      ->add_option("--measurements", options->measurements,
                   "price by your own profile first: a folder of import-trace")
      ->type_name("DIR");
  const CLI::Option* explain =
      command
          ->add_option(
              "--explain", options->explained,
              "every term: formula, value, source; critical: what the step's time is due to")
          ->type_name("[critical]")
          ->expected(0, 1);
  command->add_option("--threads", options->threads, "threads; results do not depend on it")
      ->check(CLI::Range(1, 1024));
  command->footer(
      "Examples:\n"
      "  windtunnel simulate scenarios/deepseek-v3/pretrain.toml\n"
      "  windtunnel simulate scenarios/deepseek-v3/pretrain.toml --set schedule.name=1f1b\n"
      "  windtunnel simulate scenarios/deepseek-v3/pretrain.toml --json - | jq .run.gpu_hours\n"
      "  windtunnel simulate scenarios/deepseek-v3/pretrain.toml --explain\n"
      "  windtunnel simulate scenarios/deepseek-v3/pretrain.toml --explain critical\n"
      "  windtunnel simulate scenarios/deepseek-v3/serve-units.toml");
  return [options, explain, &environment] {
    options->explain = explain->count() > 0;
    settle_words(*options);
    return run_simulate(*options, environment);
  };
}

}  // namespace windtunnel
