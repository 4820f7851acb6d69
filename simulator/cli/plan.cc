#include "simulator/study/plan.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "reports/render/plan_json.h"
#include "reports/render/plan_page.h"
#include "reports/render/plan_text.h"
#include "simulator/base/error.h"
#include "simulator/base/threads.h"
#include "simulator/cli/command.h"
#include "simulator/cli/interrupt.h"
#include "simulator/cli/progress.h"

namespace windtunnel {
namespace {

struct Options {
  std::string spec;
  std::string json;
  std::string best;
  std::string page;
  int top = 10;
  int threads = hardware_threads();
};

ExitCode write_answer(const Options& options, const Environment& environment,
                      const PlanResult& result) {
  const PlanReport& report = result.report;
  if (!options.json.empty()) {
    write_output(options.json, render_plan_json(report, environment.build));
  }
  if (!options.page.empty()) {
    write_output(options.page, render_plan_page(report, environment.build));
  }
  if (!options.best.empty() && result.best_scenario) {
    const auto folder = std::filesystem::path(options.best).parent_path();
    write_output(options.best, result.best_scenario(options.best == "-" ? "." : folder));
  }
  const bool taken = options.json == "-" || options.page == "-" || options.best == "-";
  if (!taken) write_output("-", render_plan_text(report, environment.colour));
  if (report.best.empty()) {
    warn(environment, "no plan keeps to the limits");
    return ExitCode::kGateFailed;
  }
  return ExitCode::kFine;
}

ExitCode run_plan(const Options& options, const Environment& environment) {
  ProgressLine line("plan", environment);
  std::optional<PlanResult> found;
  try {
    found = find_plan(options.spec, {.top = options.top,
                                     .threads = options.threads,
                                     .root = environment.root,
                                     .progress = line.progress(),
                                     .stopped = watch_for_interrupt()});
  } catch (const SearchStopped&) {
  }
  line.finish();
  if (!found) {
    fmt::print(stderr,
               "windtunnel: interrupted: the search has no answer yet, and wrote nothing\n");
    return ExitCode::kInterrupted;
  }
  return write_answer(options, environment, *found);
}

}  // namespace

Command add_plan(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("plan", "Search for the best way to train or serve a model on a cluster");
  command->add_option("SPEC", options->spec, "what may be chosen, and limits (TOML)")->required();
  command->add_option("--top", options->top, "plans in the list of the best")
      ->check(CLI::Range(1, 1000));
  command->add_option("--json", options->json, "write the document, - for stdout")
      ->type_name("FILE");
  command->add_option("-o,--output", options->best, "write the best plan as a scenario (TOML)")
      ->type_name("FILE");
  command->add_option("--html", options->page, "write the page")->type_name("FILE");
  command->add_option("--threads", options->threads, "threads; results do not depend on it")
      ->check(CLI::Range(1, 1024));
  command->footer(
      "Examples:\n"
      "  windtunnel plan scenarios/plans/v3-h800.toml\n"
      "  windtunnel plan scenarios/plans/v3-h800.toml -o best.toml --html plan.html");
  return [options, &environment] { return run_plan(*options, environment); };
}

}  // namespace windtunnel
