#include "simulator/study/sweep.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "reports/render/format.h"
#include "simulator/base/error.h"
#include "simulator/cli/batch_command.h"
#include "simulator/cli/ranks.h"

namespace windtunnel {
namespace {

struct Options {
  std::string spec;
  bool dry_run = false;
  BatchOptions batch;
};

/// The command line for the ranks: the same but for `--mpi`.
std::vector<std::string> arguments_of(const Options& options, const Environment& environment) {
  std::vector<std::string> words{"sweep", options.spec, "--threads",
                                 fmt::format("{}", threads_of(options.batch))};
  if (!options.batch.shard.empty()) words.insert(words.end(), {"--shard", options.batch.shard});
  if (!options.batch.out.empty()) words.insert(words.end(), {"--out", options.batch.out});
  if (!options.batch.csv.empty()) words.insert(words.end(), {"--csv", options.batch.csv});
  words.insert(words.end(), {"--progress", environment.progress});
  if (environment.quiet) words.emplace_back("--quiet");
  return words;
}

std::string axes_text(const SweepSpec& spec) {
  std::string text;
  for (const SweepAxis& axis : spec.axes) {
    std::vector<std::string> keys;
    for (const SweepKey& key : axis.keys) keys.push_back(key.key);
    const std::string values =
        axis.size == 0 ? "any" : format_count(static_cast<double>(axis.size));
    text += fmt::format("  {:>10}  {}\n", values, fmt::join(keys, ", "));
  }
  return text;
}

ExitCode show_plan(const SweepSpec& spec, const Batch& batch, const Options& options) {
  const BatchPart share = parse_share(options.batch.shard);
  const auto points = static_cast<double>(share_size(share, batch.head.count));
  std::string text =
      fmt::format("{}\n{} points{}{} of {}\n{}", spec.name, format_count(points),
                  options.batch.shard.empty() ? "" : " in this shard",
                  spec.samples ? ", drawn at random" : "", spec.scenario.string(), axes_text(spec));
  const SweepEstimate estimate = estimate_sweep(batch);
  const int workers = threads_of(options.batch) * std::max(options.batch.mpi, 1);
  const Seconds all = estimate.each * (points / workers);
  text += fmt::format("{} a point (mean of {}), about {} on {}\n", format_seconds(estimate.each),
                      estimate.points, format_seconds(all),
                      workers == 1 ? "1 thread" : fmt::format("{} threads", workers));
  write_output("-", text);
  return ExitCode::kFine;
}

ExitCode run_sweep(const Options& options, const Environment& environment) {
  keep_apart(options.batch.out, options.batch.csv, {options.spec});
  const bool fine = holds_on_first(open_ranks(), [&] { load_sweep(options.spec); });
  if (!fine) return ExitCode::kUsage;
  if (options.batch.mpi > 0 && !options.dry_run) {
    return run_under_mpi(options.batch.mpi, arguments_of(options, environment));
  }
  const SweepSpec spec = load_sweep(options.spec);
  const BuildVersion& build = environment.build;
  const Batch batch = sweep_batch(spec, environment.root, build.version + " " + build.commit);
  if (options.dry_run) return show_plan(spec, batch, options);
  const std::string stem = std::filesystem::path(options.spec).stem().string();
  return run_batch(batch, options.batch, "sweep", stem, environment);
}

}  // namespace

Command add_sweep(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("sweep", "Simulate every point of a grid of scenarios");
  command->add_option("SPEC", options->spec, "sweep file (TOML): a scenario and axes")->required();
  command->add_flag("--dry-run", options->dry_run, "only count the points and estimate the time");
  add_batch_options(*command, options->batch);
  command->footer(
      "Examples:\n"
      "  windtunnel sweep scenarios/sweeps/gpt-degrees.toml --dry-run\n"
      "  windtunnel sweep scenarios/sweeps/gpt-degrees.toml --out degrees.db --csv -\n"
      "  windtunnel sweep scenarios/sweeps/gpt-degrees.toml --shard 2/100");
  return [options, &environment] { return run_sweep(*options, environment); };
}

}  // namespace windtunnel
