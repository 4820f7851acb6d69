#include "simulator/study/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "reports/render/plan_json.h"
#include "reports/render/plan_page.h"
#include "reports/render/plan_text.h"
#include "simulator/base/error.h"
#include "simulator/base/threads.h"
#include "simulator/cli/batch_command.h"
#include "simulator/cli/command.h"
#include "simulator/cli/interrupt.h"
#include "simulator/cli/plan_work.h"
#include "simulator/cli/progress.h"

namespace windtunnel {
namespace {

struct Options {
  std::string spec;
  std::string json;
  std::string best;
  std::string page;
  int top = 10;
  int threads = 0;  // not said
  std::string shard;
  std::vector<std::string> from;
  int mpi = 0;
};

/// The command line for the ranks: the same but for `--mpi`.
std::vector<std::string> arguments_of(const Options& options, const Environment& environment) {
  std::vector<std::string> words{"plan",      options.spec,
                                 "--top",     fmt::format("{}", options.top),
                                 "--threads", fmt::format("{}", std::max(options.threads, 1))};
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  add("--json", options.json);
  add("--output", options.best);
  add("--html", options.page);
  for (const std::string& file : options.from) add("--from", file);
  add("--progress", environment.progress);
  if (environment.quiet) words.emplace_back("--quiet");
  return words;
}

void check(const Options& options) {
  std::vector<std::string> read = options.from;
  read.push_back(options.spec);
  keep_apart(options.best, options.json, read);
  keep_apart(options.page, options.json, read);
  keep_apart(options.page, options.best, read);
  if (options.shard.empty()) return;
  if (!options.json.empty() || !options.page.empty() || !options.from.empty()) {
    throw UsageError(
        "--shard keeps answers and shows no plans: without --json, --html and --from. `plan SPEC "
        "--from SHARD...` shows them once all shards are there");
  }
  if (options.best == "-") throw UsageError("--shard keeps answers in a file");
  if (options.mpi > 0) throw UsageError("--shard and --mpi: one or the other");
}

ExitCode write_answer(const Options& options, const Environment& environment, const Ranks& ranks,
                      const PlanResult& result) {
  const PlanReport& report = result.report;
  const ExitCode code = report.best.empty() ? ExitCode::kGateFailed : ExitCode::kFine;
  if (ranks.rank != 0) return code;
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
  if (!taken) write_output("-", render_plan_text(report, environment.colour && ranks.count == 1));
  if (report.best.empty()) {
    warn(environment, "no plan keeps to the limits" +
                          (options.best.empty() ? "" : "; " + options.best + " was not written"));
  }
  return code;
}

void check_spec(const std::string& spec) {
  if (plans_serving(spec)) {
    load_serving_plan(spec);
  } else {
    load_training_plan(spec);
  }
}

/// What a run will write, or would if it wrote a document.
std::string target_of(const Options& options, const std::string& stem) {
  for (const std::string& file : {options.json, options.best, options.page}) {
    if (!file.empty() && file != "-") return file;
  }
  return stem + ".plan";
}

/// Where answers are found and kept: a shard has a file, and every one of several ranks a part.
PlanWork work_of(const Options& options, const Environment& environment, const Ranks& ranks) {
  const std::string stem = std::filesystem::path(options.spec).stem().string();
  const int threads = ranks.count == 1 ? hardware_threads() : 1;
  PlanWork work{.ranks = ranks,
                .own = {},
                .parts = {},
                .shards = {options.from.begin(), options.from.end()},
                .share = parse_share(options.shard),
                .arguments = fmt::format("{}", fmt::join(arguments_of(options, environment), " ")),
                .threads = options.threads > 0 ? options.threads : threads,
                .stopped = watch_for_interrupt(),
                .warn = [&environment](const std::string& text) { warn(environment, text); }};
  if (!options.shard.empty()) {
    const auto own = fmt::format("{}.{}-of-{}.shard", stem, work.share.index, work.share.of);
    work.own = options.best.empty() ? own : options.best;
  } else if (ranks.count > 1) {
    keep_parts(work, target_of(options, stem));
  }
  return work;
}

ExitCode search(const Options& options, const Environment& environment, const Ranks& ranks) {
  const PlanWork work = work_of(options, environment, ranks);
  ProgressLine line("plan", environment);
  const BuildVersion& build = environment.build;
  PlanOptions plan_options{.top = options.top,
                           .threads = work.threads,
                           .root = environment.root,
                           .progress = ranks.rank == 0 ? line.progress() : Progress{},
                           .stopped = ranks.count == 1 ? work.stopped : std::function<bool()>{},
                           .build = build.version + " " + build.commit,
                           .answers = {}};
  if (work.needed()) {
    plan_options.answers = [&work](const PlanBatch& batch) { return answers_of(work, batch); };
  }
  try {
    if (!options.shard.empty()) {
      const std::string changed = search_share(options.spec, work.share, plan_options).changed;
      line.finish();
      check_unchanged(work, changed);
      return ExitCode::kFine;
    }
    const PlanResult found = find_plan(options.spec, plan_options);
    line.finish();
    check_unchanged(work, found.changed);
    const ExitCode code = write_answer(options, environment, ranks, found);
    ranks.agree(true);  // the first one has written it
    if (ranks.count > 1) remove_parts(work);
    return code;
  } catch (const SearchStopped&) {
    line.finish();
    say_stopped(work);
    return ExitCode::kInterrupted;
  }
}

ExitCode run_plan(const Options& options, const Environment& environment) {
  if (options.mpi > 0) {
    check(options);
    check_spec(options.spec);  // here, where one process says what is wrong
    return run_under_mpi(options.mpi, arguments_of(options, environment));
  }
  const Ranks ranks = open_ranks();
  const bool fine = holds_on_first(ranks, [&] {
    check(options);
    if (ranks.count == 1) return;
    check_spec(options.spec);
    if (!options.shard.empty()) {
      throw UsageError("--shard is for a process of its own, not for ranks of MPI");
    }
  });
  if (!fine) return ExitCode::kUsage;
  return or_end_all(ranks, [&] { return search(options, environment, ranks); });
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
  command
      ->add_option("-o,--output", options->best,
                   "write the best plan as a scenario (TOML); with --shard, the shard")
      ->type_name("FILE");
  command->add_option("--html", options->page, "write the page")->type_name("FILE");
  command
      ->add_option("--threads", options->threads,
                   "threads of each process (1 a rank of MPI); results do not depend on it")
      ->check(CLI::Range(1, 1024));
  command
      ->add_option("--shard", options->shard,
                   "only answers about every n-th block of plans from i on, as a shard file")
      ->type_name("i/n");
  command
      ->add_option("--from", options->from,
                   "shards whose answers are not found again; what they lack is")
      ->type_name("SHARD");
  command->add_option("--mpi", options->mpi, "so many processes, started by mpirun")
      ->check(CLI::Range(1, 1 << 20));
  command->footer(
      "Examples:\n"
      "  windtunnel plan scenarios/plans/v3-h800.toml\n"
      "  windtunnel plan scenarios/plans/v3-h800.toml -o best.toml --html plan.html\n"
      "  windtunnel plan scenarios/plans/v3-h800.toml --shard 2/100\n"
      "  windtunnel plan scenarios/plans/v3-h800.toml --from v3-h800.*.shard");
  return [options, &environment] { return run_plan(*options, environment); };
}

}  // namespace windtunnel
