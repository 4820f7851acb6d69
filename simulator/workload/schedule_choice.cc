#include "simulator/workload/schedule_choice.h"

#include <fmt/format.h>

#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/base/error.h"
#include "simulator/base/suggestion.h"
#include "simulator/workload/rejection.h"
#include "simulator/workload/schedules/overlapped_pair.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

const ScheduleKind& known_schedule(const Sourced<std::string>& name, ScenarioKind scenario) {
  if (scenario == ScenarioKind::kOverlappedPair) {
    if (name.value == overlapped_pair().name) return overlapped_pair();
    throw ConfigError(name.source, "an overlapped pair is not a whole schedule",
                      std::string(overlapped_pair().name));
  }
  if (const ScheduleKind* kind = find_schedule(name.value)) return *kind;
  std::vector<std::string> known;
  for (const ScheduleKind& kind : schedules()) known.emplace_back(kind.name);
  const std::string near = closest(name.value, known);
  throw ConfigError(name.source,
                    fmt::format("unknown schedule `{}`{}", name.value,
                                near.empty() ? "" : fmt::format(", did you mean `{}`?", near)),
                    fmt::format("{}", fmt::join(known, ", ")));
}

void check_division(const Node& root, const Scenario& scenario, const std::vector<int>& layers,
                    const std::string& key, int stages) {
  if (static_cast<int>(layers.size()) != stages) {
    const int ranks = scenario.parallelism.pipeline;
    reject(root, key, fmt::format("{} stages for a schedule that has {}", layers.size(), stages),
           stages == ranks ? fmt::format("{} numbers", stages)
                           : fmt::format("{} numbers, {} for each of {} pipeline ranks", stages,
                                         stages / ranks, ranks));
  }
  const auto sum = std::accumulate(layers.begin(), layers.end(), std::int64_t{0});
  const int first = scenario.stages.first_layer.value_or(0);
  const int left = static_cast<int>(scenario.model.layers.size()) - first;
  if (scenario.stages.first_layer ? sum > left || sum < 1 : sum != left) {
    reject(root, key, fmt::format("{} layers in all, the model has {}", sum, left),
           fmt::format("numbers that add up to {}", left));
  }
  // The ends of a whole model hold embedding and heads; any other stage without a layer would run
  // nothing and hand nothing on.
  const std::size_t end = scenario.stages.first_layer ? 0 : 1;
  for (std::size_t stage = end; stage + end < layers.size(); ++stage) {
    if (layers[stage] > 0) continue;
    reject(root, key, fmt::format("stage {} has no layer", stage),
           end == 0 ? "at least 1 layer in each stage"
                    : "at least 1 layer in each stage but the first and the last");
  }
}

/// Schedules whose stages a rank the scenario chooses.
std::string open_schedules() {
  std::vector<std::string_view> names;
  for (const ScheduleKind& kind : schedules()) {
    if (!kind.virtual_stages) names.push_back(kind.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string stages_text(int count) {
  return fmt::format("{} stage{} a pipeline rank", count, count == 1 ? "" : "s");
}

/// The key is there where a schedule asks for it, and contradicts none that does not.
void check_virtual_stages(const Node& root, const Scenario& scenario, const ScheduleKind& main,
                          const ScheduleKind& fallback) {
  const std::optional<int> chosen = scenario.schedule.virtual_stages;
  const auto check = [&](const ScheduleKind& kind, const Source& named_at) {
    if (!kind.virtual_stages && !chosen) {
      throw ConfigError(named_at,
                        fmt::format("{} needs schedule.virtual_stages, the stages that each "
                                    "pipeline rank holds",
                                    kind.name),
                        "virtual_stages = 2 or more below [schedule]");
    }
    if (!kind.virtual_stages || !chosen || *kind.virtual_stages == *chosen) return;
    reject(
        root, "schedule.virtual_stages",
        fmt::format("{} holds {}, not {}", kind.name, stages_text(*kind.virtual_stages), *chosen),
        "no such key, or a schedule that leaves the number open: " + open_schedules());
  };
  check(main, scenario.schedule.name.source);
  check(fallback, scenario.schedule.fallback.source);
}

/// What could be the fallback: schedules that run `shape`'s micro-batches in `stages` stages.
std::string fallbacks_for(const Scenario& scenario, const ScheduleShape& shape, int stages) {
  std::vector<std::string_view> names;
  for (const ScheduleKind& kind : schedules()) {
    const ScheduleShape own = shape_of(kind, shape.pipeline_ranks, shape.micro_batches,
                                       scenario.schedule.virtual_stages.value_or(1));
    if (stage_count(own) == stages && !kind.problem(own)) names.push_back(kind.name);
  }
  return fmt::format("a schedule with as many stages{}{}", names.empty() ? "" : ": ",
                     fmt::join(names, ", "));
}

}  // namespace

void check_schedule(const Node& root, const Scenario& scenario) {
  const ScheduleKind& kind = known_schedule(scenario.schedule.name, scenario.kind);
  const ScheduleKind& fallback = known_schedule(scenario.schedule.fallback, scenario.kind);
  check_virtual_stages(root, scenario, kind, fallback);
  const ScheduleShape shape =
      schedule_shape(scenario, kind, micro_batches(scenario, scenario.batch.sequences));
  if (const auto problem = kind.problem(shape)) {
    throw ConfigError(scenario.schedule.name.source, fmt::format("{} cannot run here", kind.name),
                      *problem);
  }
  const ScheduleShape shortest =
      schedule_shape(scenario, fallback, micro_batches(scenario, scenario.batch.ramp_sequences));
  if (const auto problem = fallback.problem(shortest)) {
    throw ConfigError(scenario.schedule.fallback.source,
                      fmt::format("{} cannot run at the start of the ramp", fallback.name),
                      *problem);
  }
  check_division(root, scenario, scenario.stages.layers, "stages.layers", stage_count(shape));
  for (const auto& division : scenario.stages.alternatives) {
    check_division(root, scenario, division, "stages.alternatives", stage_count(shape));
  }
  if (stage_count(shortest) != stage_count(shape)) {
    throw ConfigError(
        scenario.schedule.fallback.source,
        fmt::format("{} divides the model into other stages than {}", fallback.name, kind.name),
        fallbacks_for(scenario, shortest, stage_count(shape)));
  }
}

}  // namespace windtunnel
