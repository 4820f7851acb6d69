#include <fmt/format.h>

#include <limits>
#include <memory>

#include "reports/export/chakra.h"
#include "reports/export/kineto.h"
#include "reports/export/perfetto.h"
#include "reports/export/trace_request.h"
#include "simulator/base/error.h"
#include "simulator/base/threads.h"
#include "simulator/cli/command.h"
#include "simulator/cli/interrupt.h"
#include "simulator/cli/progress.h"
#include "simulator/cli/settings.h"
#include "simulator/workload/scenario_kind.h"

namespace windtunnel {
namespace {

struct Options {
  std::string scenario;
  std::string output;
  std::string ranks;
  std::string level = "phase";
  std::string window;
  std::vector<std::string> overrides;
  bool force = false;
};

Scenario scenario_of(const Options& options) {
  const std::vector<Override> overrides = settings_of(options.overrides);
  if (scenario_family(options.scenario, overrides) != ScenarioFamily::kTraining) {
    throw UsageError(fmt::format(
        "{}: only training steps are exported; the timeline of a deployment's iteration is on its "
        "page (report), and of a campaign name one of its stages' scenarios",
        options.scenario));
  }
  return load_scenario(options.scenario, overrides);
}

void say(const Environment& environment, const std::string& text) {
  if (!environment.quiet) fmt::print(stderr, "{}\n", text);
}

ExitCode write_graph(const Options& options, const TraceRequest& request, const TracedStep& traced,
                     const Environment& environment) {
  const ChakraSize size = chakra_size(traced);
  constexpr double kLargest = 16e9;
  if (size.bytes > kLargest && !options.force) {
    throw UsageError(fmt::format("{} files of about {:.1f} GB together; --force writes them",
                                 size.files, size.bytes / 1e9));
  }
  if (!write_chakra(traced, request.prefix, watch_for_interrupt())) {
    fmt::print(stderr, "windtunnel: interrupted: a part of the graphs is none, nothing is left\n");
    return ExitCode::kInterrupted;
  }
  say(environment, fmt::format("{0}.0.et to {0}.{1}.et and {0}.groups.json",
                               request.prefix.string(), size.files - 1));
  return ExitCode::kFine;
}

void check_window(const Options& options, const TraceRequest& request, const TracedStep& traced) {
  const std::int64_t end = traced.simulated.timeline.makespan.count;
  if (request.window.from < end) return;
  throw UsageError(fmt::format(
      "--window {}: nothing is there, the step ends at {:.4g} s; accepted: a window that begins "
      "before",
      options.window, static_cast<double>(end) / 1e12));
}

void write_timeline(const Options& options, const TraceRequest& request, const TracedStep& traced,
                    const Environment& environment) {
  check_window(options, request, traced);
  const std::vector<TraceRank> ranks = trace_ranks(request, traced);
  const TraceSize size = trace_size(traced, ranks, request.level, request.window, request.format);
  const auto problem = too_large(size, ranks.size(), request.format);
  if (problem && !options.force) {
    throw UsageError(
        fmt::format("{}; fewer --ranks, a --window or a coarser --level make it "
                    "smaller, --force writes it all the same",
                    *problem));
  }
  ByteWriter out(options.output);
  if (request.format == TraceFormat::kPerfetto) {
    write_perfetto(traced, ranks, request.level, request.window, out);
  } else {
    write_kineto(traced, ranks, request.level, request.window, out);
  }
  out.finish();
  say(environment,
      fmt::format("{}: {} slices of {} ranks, {:.1f} MB before compression{}", options.output,
                  size.slices, ranks.size(), static_cast<double>(out.size()) / 1e6,
                  request.format == TraceFormat::kPerfetto ? ", for ui.perfetto.dev" : ""));
}

ExitCode run_trace(const Options& options, const Environment& environment) {
  const TraceRequest request =
      parse_trace_request(options.output, options.ranks, options.level, options.window);
  const Scenario scenario = scenario_of(options);
  check_trace_ranks(request, gpu_count(scenario.cluster));
  ProgressLine line("trace", environment);
  const TracedStep traced =
      trace_step(scenario, {.fidelity = request.full ? Fidelity::kFull : Fidelity::kFolded,
                            .threads = hardware_threads(),
                            .root = environment.root,
                            .progress = line.progress()});
  line.finish();
  if (request.format == TraceFormat::kChakra) {
    return write_graph(options, request, traced, environment);
  }
  write_timeline(options, request, traced, environment);
  return ExitCode::kFine;
}

}  // namespace

Command add_trace(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "trace", "Write a step's timeline for Perfetto, Kineto's tools or ASTRA-sim");
  command->add_option("SCENARIO", options->scenario, "scenario file (TOML) of a training step")
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "FILE.pftrace[.gz] (Perfetto), FILE.json[.gz] (Kineto), PREFIX.et (Chakra: "
                   "PREFIX.0.et, ...)")
      ->required();
  command
      ->add_option("--ranks", options->ranks,
                   "representative: one GPU a pipeline rank (default); all; or GPUs: 0,8-15")
      ->type_name("LIST");
  command
      ->add_option("--level", options->level,
                   "slot: the schedule; phase: of layers, and transfers (default); kernel")
      ->check(CLI::IsMember({"slot", "phase", "kernel"}));
  command->add_option("--window", options->window, "only what overlaps it: \"1.5 s..1.6 s\"")
      ->type_name("FROM..TO");
  add_settings(*command, options->overrides);
  command->add_flag("--force", options->force, "write files that no viewer opens, too");
  command->footer(
      "Examples:\n"
      "  windtunnel trace scenarios/deepseek-v3/pretrain.toml -o step.pftrace.gz\n"
      "  windtunnel trace scenarios/deepseek-v3/pretrain.toml -o rank5.json.gz --ranks 5\n"
      "  windtunnel trace scenarios/deepseek-v3/pretrain.toml -o step.pftrace --level kernel "
      "--window '1.5 s..1.6 s'");
  return [options, &environment] { return run_trace(*options, environment); };
}

}  // namespace windtunnel
