#include <algorithm>
#include <array>
#include <memory>

#include "reports/compare/ci_outputs.h"
#include "reports/compare/comparison_json.h"
#include "reports/compare/comparison_section.h"
#include "reports/compare/comparison_text.h"
#include "reports/compare/difference_report.h"
#include "reports/compare/result_file.h"
#include "reports/compare/result_store.h"
#include "simulator/base/error.h"
#include "simulator/base/threads.h"
#include "simulator/cli/command.h"
#include "simulator/cli/progress.h"

namespace windtunnel {
namespace {

struct Options {
  std::string base;
  std::string now;
  std::string confirm;
  std::string database;
  std::string accept;
  std::string effects;
  std::vector<std::string> fail_on = {"regressed"};
  double minimum_effect = 2;  // %
  bool all = false;
  bool github = false;
  std::string json;
  std::string html;
  std::string junit;
  std::string step_summary;
  std::string benchmark_action;
  std::string openmetrics;
};

bool fails_on(const Options& options, const char* what) {
  return std::find(options.fail_on.begin(), options.fail_on.end(), what) != options.fail_on.end();
}

template <typename Render>
void write_where_asked(const std::string& path, const Render& render) {
  if (!path.empty()) write_output(path, render());
}

ExitCode code_of(const Options& options, const ResultComparison& comparison) {
  if (fails_on(options, "regressed") && count_of(comparison, Outcome::kRegressed) > 0) {
    return ExitCode::kGateFailed;
  }
  if (fails_on(options, "undecided") && count_of(comparison, Outcome::kUndecided) > 0) {
    return ExitCode::kUndecided;
  }
  return ExitCode::kFine;
}

/// A file of results, or what the database has of a run or commit.
ResultSet results_of(const Options& options, const std::string& which) {
  return options.database.empty() ? load_results(which) : read_run(options.database, which);
}

ExitCode compare_benchmarks(const Options& options, const Environment& environment,
                            const ResultSet& before, const ResultSet& after) {
  if (!options.accept.empty()) throw UsageError("--accept is for projections");
  std::optional<ResultSet> second;
  if (!options.confirm.empty()) {
    if (options.confirm == options.now) {
      throw UsageError(options.confirm + ": --confirm needs another run than NEW");
    }
    second = results_of(options, options.confirm);
  }
  CompareRules rules{.minimum_effect = options.minimum_effect / 100};
  if (!options.effects.empty()) rules.effects = load_effects(options.effects);
  const ResultComparison comparison =
      compare_results(before, after, second ? &*second : nullptr, rules, hardware_threads());
  write_where_asked(options.json,
                    [&] { return render_comparison_json(comparison, environment.build); });
  write_where_asked(options.html,
                    [&] { return render_comparison_page(comparison, environment.build); });
  write_where_asked(options.junit, [&] { return render_junit(comparison); });
  write_where_asked(options.step_summary, [&] { return render_step_summary(comparison); });
  write_where_asked(options.benchmark_action, [&] { return render_benchmark_action(comparison); });
  write_where_asked(options.openmetrics, [&] { return render_openmetrics(comparison); });
  if (options.json != "-") {
    write_output("-", render_comparison_text(comparison, options.all, environment.colour));
    if (options.github) write_output("-", render_github_annotations(comparison));
  }
  return code_of(options, comparison);
}

/// Outputs of benchmarks only, and their second run, make no sense here.
void check_outputs(const Options& options) {
  const std::array<std::pair<const char*, const std::string*>, 6> none = {
      {{"--confirm", &options.confirm},
       {"--effects", &options.effects},
       {"--html", &options.html},
       {"--junit", &options.junit},
       {"--benchmark-action", &options.benchmark_action},
       {"--openmetrics", &options.openmetrics}}};
  for (const auto& [name, value] : none) {
    if (!value->empty()) throw UsageError(std::string(name) + " is for benchmark results");
  }
}

ExitCode compare_documents(const Options& options, const Environment& environment,
                           const JsonFile& base, const JsonFile& now) {
  check_outputs(options);
  const auto accepted =
      options.accept.empty() ? std::vector<AcceptedChange>{} : load_accepted(options.accept);
  const ProjectionDifference difference = compare_projections(base, now, accepted);
  write_where_asked(options.json,
                    [&] { return render_difference_json(difference, environment.build); });
  write_where_asked(options.step_summary, [&] { return render_difference_summary(difference); });
  if (options.json != "-") {
    write_output("-", render_difference_text(difference, options.all, environment.colour));
  }
  const std::size_t open = unaccepted(difference);
  if (options.github && open > 0) {
    write_output("-", "::error title=Projection changed::" + std::to_string(open) +
                          " fields differ and are not accepted\n");
  }
  return open > 0 && fails_on(options, "regressed") ? ExitCode::kGateFailed : ExitCode::kFine;
}

ExitCode run_compare(const Options& options, const Environment& environment) {
  if (!options.database.empty()) {
    return compare_benchmarks(options, environment, results_of(options, options.base),
                              results_of(options, options.now));
  }
  const JsonFile base = load_json(options.base);
  const JsonFile now = load_json(options.now);
  const bool projections =
      has_schema(base, "windtunnel/projection") || has_schema(now, "windtunnel/projection");
  if (projections) return compare_documents(options, environment, base, now);
  return compare_benchmarks(options, environment, read_results(base), read_results(now));
}

void add_outputs(CLI::App& command, Options& options) {
  const auto file = [&](const char* name, std::string& path, const char* what) {
    command.add_option(name, path, what)->type_name("FILE");
  };
  file("--json", options.json, "write the document, - for stdout");
  file("--html", options.html, "write a page");
  file("--junit", options.junit, "write JUnit XML: a test a benchmark");
  file("--step-summary", options.step_summary, "write Markdown for $GITHUB_STEP_SUMMARY");
  file("--benchmark-action", options.benchmark_action,
       "write github-action-benchmark's customSmallerIsBetter");
  file("--openmetrics", options.openmetrics, "write OpenMetrics text for a textfile collector");
  command.add_flag("--github", options.github, "print annotations of a GitHub workflow, too");
  command.add_flag("--all", options.all, "list unchanged benchmarks, too, however many");
}

}  // namespace

Command add_compare(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "compare", "Benchmark results or projections of two versions: what regressed");
  command
      ->add_option("BASE", options->base,
                   "results before: windtunnel-bench, Google Benchmark, "
                   "nvbench or nccl-tests JSON; or a projection")
      ->required();
  command->add_option("NEW", options->now, "the same after")->required();
  command
      ->add_option("--confirm", options->confirm, "a second run of NEW: a change must show in both")
      ->type_name("FILE");
  command
      ->add_option("--database", options->database,
                   "take BASE and NEW from here: numbers of runs, or commits with all their runs")
      ->type_name("FILE");
  command
      ->add_option("--accept", options->accept,
                   "changes of a projection that are agreed to, with reasons (TOML)")
      ->type_name("FILE");
  command
      ->add_option("--fail-on", options->fail_on,
                   "regressed (exit 1), undecided (exit 4), none: by default regressed")
      ->delimiter(',')
      ->check(CLI::IsMember({"regressed", "undecided", "none"}))
      ->type_name("WHAT,...");
  command
      ->add_option("--min-effect", options->minimum_effect, "smaller changes don't count, in % (2)")
      ->check(CLI::Range(0.01, 100.0));
  command
      ->add_option("--effects", options->effects,
                   "benchmarks whose smallest change that counts is another, with reasons (TOML)")
      ->type_name("FILE");
  add_outputs(*command, *options);
  command->footer(
      "Examples:\n"
      "  windtunnel compare base.json new.json\n"
      "  windtunnel compare base.json new.json --confirm again.json --junit verdicts.xml\n"
      "  windtunnel compare --database results.db 4f2c 91ab\n"
      "  windtunnel compare old-projection.json new-projection.json --accept accepted.toml");
  return [options, &environment] { return run_compare(*options, environment); };
}

}  // namespace windtunnel
