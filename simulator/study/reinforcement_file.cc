#include <fmt/format.h>

#include <algorithm>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/reinforcement.h"
#include "simulator/workload/assumption_fields.h"

namespace windtunnel {
namespace {

constexpr const char* kKind = "reinforcement";

enum class Kind { kReinforcement };

struct ReinforcementText {
  std::string name;
  Kind kind;
  Sourced<std::string> training;
  Sourced<std::string> rollout_by;
  double steps;
  int samples;
  int rollout;
  int longest;
  Dollars price_per_gpu_hour;
  std::vector<AnswerLength> lengths;
  ReinforcementAssumptions assumptions;
};

Fields<ReinforcementAssumptions> assumption_table() {
  using All = ReinforcementAssumptions;
  return Fields<All>("assumptions")
      .table("forward_share", &All::forward_share,
             assumption_fields<double>("forward_share", between(0, 1)),
             "time of the reference pass as a share of training on the same answers")
      .table("switch_time", &All::switch_time,
             assumption_fields<Seconds>("switch_time", between(Seconds{0}, Seconds{86400})),
             "time of each of the three changes of a turn")
      .table("length_scale", &All::length_scale,
             assumption_fields<double>("length_scale", between(0.01, 100)), "factor of all lengths")
      .table("length_spread", &All::length_spread,
             assumption_fields<double>("length_spread", between(0, 3)),
             "standard deviation of the logarithm of an answer's length")
      .table("uptime", &All::uptime, assumption_fields<double>("uptime", between(0.01, 1)),
             "share of the rented time that runs");
}

Fields<ReinforcementText> reinforcement_fields() {
  using Text = ReinforcementText;
  const auto length =
      Fields<AnswerLength>("lengths")
          .required("step", &AnswerLength::step, between(0, 1e9), "optimizer step")
          .required("tokens", &AnswerLength::tokens, between(1, 1 << 24), "mean of an answer");
  return Fields<Text>("reinforcement")
      .required("name", &Text::name, "shown to people")
      .required("kind", &Text::kind, names<Kind>({{kKind, Kind::kReinforcement}}),
                "reinforcement learning in turns of sampling and training")
      .required("training", &Text::training, "scenario of the training step")
      .required("sampling", &Text::rollout_by, "serving scenario that samples")
      .required("steps", &Text::steps, between(1, 1e9), "optimizer steps")
      .required("samples", &Text::samples, between(1, 1e7), "answers of an optimizer step")
      .required("rollout", &Text::rollout, between(1, 1e6), "answers that a turn samples")
      .required("longest", &Text::longest, between(1, 1 << 24), "tokens of an answer, at most")
      .required("price_per_gpu_hour", &Text::price_per_gpu_hour, between(Dollars{0}, Dollars{1e6}),
                "rent of one GPU for one hour")
      .table("lengths", &Text::lengths, length, "mean length of an answer, by step")
      .table("assumptions", &Text::assumptions, assumption_table());
}

void check(const Node& root, const ReinforcementText& text, const Reinforcement& plan) {
  const auto& lengths = plan.lengths;
  const auto earlier = [](const AnswerLength& a, const AnswerLength& b) { return a.step < b.step; };
  if (lengths.empty() || !std::is_sorted(lengths.begin(), lengths.end(), earlier)) {
    throw ConfigError(source_of(root, "lengths"), "no lengths in the order of their steps",
                      "[[lengths]] with growing steps");
  }
  if (plan.rollout % plan.samples != 0) {
    throw ConfigError(
        source_of(root, "rollout"),
        fmt::format("{} answers fill no whole steps of {}", plan.rollout, plan.samples),
        fmt::format("a multiple of {}", plan.samples));
  }
  const int gpus = gpu_count(plan.training.cluster);
  if (gpu_count(plan.serving) > gpus) {
    throw ConfigError(
        text.rollout_by.source,
        fmt::format("samples on {} GPUs, training has {}", gpu_count(plan.serving), gpus),
        fmt::format("units of up to {} GPUs together", gpus));
  }
  if (plan.training.kind == ScenarioKind::kOverlappedPair) {
    throw ConfigError(text.training.source, "an overlapped pair is no training step",
                      "a scenario of kind \"fine_tuning\" or \"pretraining\"");
  }
}

}  // namespace

FileKeys reinforcement_keys() { return file_keys(reinforcement_fields()); }

Reinforcement load_reinforcement(const std::filesystem::path& file,
                                 const std::vector<Override>& overrides) {
  const Node root = load_changed(file, overrides);
  const ReinforcementText text = decode(reinforcement_fields(), root);
  Reinforcement plan{.path = file,
                     .name = text.name,
                     .training = load_scenario(beside(text.training), {}),
                     .serving = load_serving(beside(text.rollout_by), {}),
                     .steps = text.steps,
                     .samples = text.samples,
                     .rollout = text.rollout,
                     .longest = text.longest,
                     .lengths = text.lengths,
                     .price_per_gpu_hour = text.price_per_gpu_hour,
                     .assumptions = text.assumptions,
                     .files = {},
                     .changed = !overrides.empty()};
  for (const std::string& name : files_of(root)) plan.files.emplace_back(name);
  for (const auto* more : {&plan.training.files, &plan.serving.files}) {
    for (const auto& name : *more) plan.files.push_back(name);
  }
  check(root, text, plan);
  ReinforcementAssumptions& all = plan.assumptions;
  settle(root, "forward_share", all.forward_share);
  settle(root, "switch_time", all.switch_time);
  settle(root, "length_scale", all.length_scale);
  settle(root, "length_spread", all.length_spread);
  settle(root, "uptime", all.uptime);
  return plan;
}

}  // namespace windtunnel
