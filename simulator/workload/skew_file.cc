#include "simulator/workload/skew_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/workload/assumption_fields.h"
#include "simulator/workload/expert_load.h"
#include "simulator/workload/rejection.h"

namespace windtunnel {
namespace {

constexpr double kMostExperts = 1 << 20;

Form<ExpertLoadFile> load_file_form() {
  return {text_form(), [](const Node& node) {
            const Sourced<std::string> name{read_text(node), node.source};
            ExpertLoadFile loads = make_expert_loads(load_csv(beside(name), name.source));
            loads.file = beside(name);
            return loads;
          }};
}

Fields<BalancerPlan> balancer_fields() {
  return Fields<BalancerPlan>("skew.eplb")
      .required("redundant", &BalancerPlan::redundant, between(0, kMostExperts),
                "places for copies of experts in each layer, beside one for each expert")
      .required("policy", &BalancerPlan::policy, balancer_policies(),
                "copies within the node of an expert's group, or anywhere");
}

Fields<Straggler> straggler_fields() {
  return Fields<Straggler>("skew.speed.stragglers")
      .required("rank", &Straggler::rank, between(0, 1e9), "number of the GPU in the cluster")
      .required("factor", &Straggler::factor, between(1, 100),
                "times as long as the others takes each of its kernels");
}

/// Loads of one expert after another; -1 where the file has none.
using LayerLoads = std::map<std::int64_t, std::vector<double>>;

void add_load(LayerLoads& layers, const CsvTable& table, std::size_t row) {
  const std::size_t layer_at = table.column("layer");
  const std::size_t expert_at = table.column("expert");
  const std::size_t load_at = table.column("load");
  const auto whole = [&](std::size_t column) {
    const std::int64_t value = table.integer(row, column);
    if (value < 0 || value >= static_cast<std::int64_t>(kMostExperts)) {
      throw ConfigError(table.source(row, column), "no such number",
                        fmt::format("0 to {:.0f}", kMostExperts - 1));
    }
    return value;
  };
  std::vector<double>& loads = layers[whole(layer_at)];
  const auto expert = static_cast<std::size_t>(whole(expert_at));
  const double load = table.number(row, load_at);
  if (load < 0) throw ConfigError(table.source(row, load_at), "a negative load", "0 or more");
  if (loads.size() <= expert) loads.resize(expert + 1, -1);
  if (loads[expert] >= 0) {
    throw ConfigError(table.source(row, expert_at), "this expert stands here twice",
                      "one row for each expert of a layer");
  }
  loads[expert] = load;
}

/// The file has the layers with experts, and the experts, that the model has.
void check_loads(const Node& root, const Architecture& model, const ExpertLoadFile& loads) {
  const std::vector<RoutedLayer> wanted = routed_layers(model);
  const auto same = [](const RoutedLayer& layer, int number) { return layer.number == number; };
  if (!std::equal(wanted.begin(), wanted.end(), loads.numbers.begin(), loads.numbers.end(), same)) {
    reject(root, "skew.routing.loads",
           fmt::format("the file has {} layers, or others, than the {} with experts of {}",
                       loads.numbers.size(), wanted.size(), model.name),
           fmt::format("each of the layers {} to {} that has experts", wanted.front().number,
                       wanted.back().number));
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto experts = static_cast<std::size_t>(wanted[i].moe->routed_experts);
    if (loads.layers[i].size() == experts) continue;
    reject(root, "skew.routing.loads",
           fmt::format("the file has {} experts in layer {}, the model {}", loads.layers[i].size(),
                       wanted[i].number, experts),
           "a load for each expert");
  }
}

/// Places of a layer divide over the GPUs, and hierarchically over nodes and groups too.
void check_balancer(const Node& root, const Scenario& scenario, const BalancerPlan& plan) {
  if (!scenario.skew.routing) {
    reject(root, "skew.eplb", "experts are equally popular: nothing is to be balanced",
           "a [skew.routing]");
  }
  const Degrees& degrees = scenario.parallelism;
  const int nodes =
      std::max(1, degrees.expert * degrees.expert_tensor / scenario.cluster.gpus_per_node);
  for (const RoutedLayer& layer : routed_layers(scenario.model)) {
    const std::int64_t places = layer.moe->routed_experts + plan.redundant;
    if (places % degrees.expert != 0) {
      reject(root, "skew.eplb.redundant",
             fmt::format("{} experts and {} copies do not divide over {} expert ranks",
                         layer.moe->routed_experts, plan.redundant, degrees.expert),
             fmt::format("such as {}", plan.redundant + degrees.expert - places % degrees.expert));
    }
    const std::int64_t most = layer.moe->routed_experts * (degrees.expert - 1);
    if (plan.redundant > most) {
      reject(root, "skew.eplb.redundant",
             fmt::format("{} expert ranks with all {} experts hold fewer copies", degrees.expert,
                         layer.moe->routed_experts),
             fmt::format("up to {}", most));
    }
    if (plan.policy == BalancerPolicy::kGlobal) continue;
    if (layer.moe->groups % nodes != 0 || degrees.expert % nodes != 0) {
      reject(root, "skew.eplb.policy",
             fmt::format("{} nodes of an expert group do not divide {} groups of experts", nodes,
                         layer.moe->groups),
             "\"global\"");
    }
  }
}

}  // namespace

Fields<RoutingSkew> routing_fields() {
  return Fields<RoutingSkew>("skew.routing")
      .table("zipf", &RoutingSkew::zipf, assumption_fields<double>("zipf", between(0, 4)),
             "exponent: the k-th most popular expert of a layer in proportion to k^-zipf")
      .custom("loads", &RoutingSkew::loads, load_file_form(), false,
              "file of measured loads, relative to this one: columns layer, expert, load");
}

Fields<SpeedSkew> speed_fields() {
  return Fields<SpeedSkew>("skew.speed")
      .table("deviation", &SpeedSkew::deviation,
             assumption_fields<double>("deviation", between(0, 0.3)),
             "standard deviation of a GPU's speed over the mean of all")
      .custom("stragglers", &SpeedSkew::stragglers, straggler_fields().form(), false,
              "GPUs that are slow");
}

Names<BalancerPolicy> balancer_policies() {
  return names<BalancerPolicy>(
      {{"hierarchical", BalancerPolicy::kHierarchical}, {"global", BalancerPolicy::kGlobal}});
}

Fields<Skew> skew_fields() {
  return Fields<Skew>("skew")
      .table("routing", &Skew::routing, routing_fields(),
             "how popular experts are, beside assumptions.routing_deviation")
      .table("eplb", &Skew::eplb, balancer_fields(), "DeepSeek's balancer of experts")
      .table("speed", &Skew::speed, speed_fields(), "how fast GPUs are")
      .table("jitter", &Skew::jitter, assumption_fields<double>("jitter", between(0, 0.3)),
             "standard deviation of the time of an op over its mean");
}

ExpertLoadFile make_expert_loads(const CsvTable& table) {
  LayerLoads layers;
  for (std::size_t row = 0; row < table.row_count(); ++row) add_load(layers, table, row);
  ExpertLoadFile loads{.file = {}, .numbers = {}, .layers = {}};
  for (auto& [number, layer] : layers) {
    const std::string of_layer = fmt::format("layer {}", number);
    const Source whole = table.source(0, table.column("layer"));
    const auto hole = std::find(layer.begin(), layer.end(), -1.0);
    if (hole != layer.end()) {
      throw ConfigError(whole, fmt::format("{} lacks expert {}", of_layer, hole - layer.begin()),
                        "a row for each expert");
    }
    if (*std::max_element(layer.begin(), layer.end()) <= 0) {
      throw ConfigError(whole, of_layer + " has no load at all", "loads above 0");
    }
    loads.numbers.push_back(static_cast<int>(number));
    loads.layers.push_back(std::move(layer));
  }
  if (loads.layers.empty()) {
    throw ConfigError(Source{table.file, 1, 1}, "no loads", "rows of layer, expert, load");
  }
  return loads;
}

void settle_routing(const Node& root, const Architecture& model, RoutingSkew& routing) {
  if (routing.zipf.has_value() == routing.loads.has_value()) {
    reject(root, "skew.routing", "popularity is either drawn or read", "one of zipf and loads");
  }
  if (routing.zipf) settle_table(root, "skew.routing.zipf", *routing.zipf);
  if (routing.loads) check_loads(root, model, *routing.loads);
}

void check_stragglers(const Node& root, const SpeedSkew& speed, int gpus) {
  std::vector<int> seen;
  for (const Straggler& slow : speed.stragglers) {
    if (slow.rank >= gpus) {
      reject(root, "skew.speed.stragglers", fmt::format("GPU {} is not one of {}", slow.rank, gpus),
             fmt::format("ranks 0 to {}", gpus - 1));
    }
    if (std::find(seen.begin(), seen.end(), slow.rank) != seen.end()) {
      reject(root, "skew.speed.stragglers", fmt::format("GPU {} stands here twice", slow.rank),
             "one factor for each");
    }
    seen.push_back(slow.rank);
  }
}

void settle_skew(const Node& root, Scenario& scenario) {
  Skew& skew = scenario.skew;
  skew.at = {.deviation = source_of(root, "skew.speed.deviation.value"),
             .stragglers = source_of(root, "skew.speed.stragglers"),
             .jitter = source_of(root, "skew.jitter.value")};
  if (skew.routing) {
    if (scenario.parallelism.expert == 1 || routed_layers(scenario.model).empty()) {
      reject(root, "skew.routing", "no experts are divided among GPUs",
             "a model of experts and parallelism.expert above 1");
    }
    settle_routing(root, scenario.model, *skew.routing);
  }
  if (skew.eplb) check_balancer(root, scenario, *skew.eplb);
  if (skew.speed) {
    if (skew.speed->deviation) settle_table(root, "skew.speed.deviation", *skew.speed->deviation);
    check_stragglers(root, *skew.speed, gpu_count(scenario.cluster));
  }
  if (skew.jitter) settle_table(root, "skew.jitter", *skew.jitter);
}

}  // namespace windtunnel
