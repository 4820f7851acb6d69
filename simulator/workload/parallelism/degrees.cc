#include "simulator/workload/parallelism/degrees.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

[[noreturn]] void reject(const Node& root, std::string_view key, const std::string& message,
                         const std::string& accepted) {
  throw ConfigError(source_of(root, key), message, accepted);
}

std::string divisors_near(int value, int wanted) {
  int below = std::clamp(wanted, 1, value);
  while (value % below != 0) --below;
  int above = std::clamp(wanted, 1, value);
  while (value % above != 0) ++above;
  return below == above ? fmt::format("{}", below) : fmt::format("{} or {}", below, above);
}

void check_experts(const Node& root, const Scenario& scenario) {
  const int expert = scenario.parallelism.expert;
  for (const Layer& layer : scenario.model.layers) {
    const auto* moe = std::get_if<Moe>(&layer.feed_forward);
    if (moe != nullptr && moe->routed_experts % expert != 0) {
      reject(root, "parallelism.expert",
             fmt::format("{} experts cannot be divided over {} GPUs", moe->routed_experts, expert),
             "a divisor such as " + divisors_near(static_cast<int>(moe->routed_experts), expert));
    }
  }
}

}  // namespace

void check_degrees(const Node& root, const Scenario& scenario) {
  const Degrees& degrees = scenario.parallelism;
  const int gpus = gpu_count(scenario.cluster);
  const auto only_one = [&](std::string_view key, int value) {
    if (value != 1) reject(root, key, fmt::format("{} = {} is not modelled", key, value), "1");
  };
  only_one("parallelism.tensor", degrees.tensor);
  only_one("parallelism.context", degrees.context);
  only_one("parallelism.zero_stage", degrees.zero_stage);
  if (degrees.pipeline > gpus || gpus % degrees.pipeline != 0) {
    reject(root, "parallelism.pipeline",
           fmt::format("{} pipeline ranks do not divide {} GPUs", degrees.pipeline, gpus),
           "a divisor such as " + divisors_near(gpus, degrees.pipeline));
  }
  const int data = data_ranks(scenario);
  if (degrees.expert > data || data % degrees.expert != 0) {
    reject(
        root, "parallelism.expert",
        fmt::format("{} expert ranks do not divide {} data-parallel ranks", degrees.expert, data),
        "a divisor such as " + divisors_near(data, degrees.expert));
  }
  const int node = scenario.cluster.gpus_per_node;
  if (degrees.expert % node != 0 && node % degrees.expert != 0) {
    reject(root, "parallelism.expert",
           fmt::format("{} expert ranks fill no whole nodes of {} GPUs", degrees.expert, node),
           fmt::format("a multiple or a divisor of {}", node));
  }
  check_experts(root, scenario);
}

}  // namespace windtunnel
