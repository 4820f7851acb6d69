// Reinforcement learning on one cluster in turns: answers are sampled by serving the model, a
// reference model reads them, the model is trained on them, and weights move to and fro.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/base/field_rows.h"
#include "simulator/study/simulation.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

/// Mean tokens of an answer at a training step; between two points they grow linearly.
struct AnswerLength {
  double step;
  double tokens;
};

/// `forward_share`: time of the reference model's pass over the answers, as a share of training on
/// them. `switch_time`: of each of the three changes of a turn (sampling, reading, training), with
/// weights exchanged and models moved to and from host memory. `length_scale` multiplies all
/// lengths; `length_spread` is the standard deviation of an answer's logarithm.
struct ReinforcementAssumptions {
  Assumption<double> forward_share;
  Assumption<Seconds> switch_time;
  Assumption<double> length_scale;
  Assumption<double> length_spread;
  Assumption<double> uptime;
};

/// `steps` optimizer steps of `samples` answers each; a turn samples `rollout` answers and trains
/// on them in as many steps as they fill. No answer is longer than `longest`.
struct Reinforcement {
  std::filesystem::path path;
  std::string name;
  Scenario training;        ///< precision, degrees and memory of a training step; packs answers
  ServingScenario serving;  ///< all units together sample; prompts are its own
  double steps;
  int samples;
  int rollout;
  int longest;
  std::vector<AnswerLength> lengths;  ///< in the order of steps
  Dollars price_per_gpu_hour;
  ReinforcementAssumptions assumptions;
  std::vector<std::filesystem::path> files;
  bool changed;
};

/// What may be written in such a file.
FileKeys reinforcement_keys();

/// Reads it with the two scenarios that it names; throws ConfigError with the place of a mistake.
Reinforcement load_reinforcement(const std::filesystem::path& file,
                                 const std::vector<Override>& overrides);

/// Mean tokens of an answer at a step, before the first point and behind the last as there.
double answer_tokens(const Reinforcement& plan, double step);

/// The projection of the training step at the last length; `run` has a stage for each part of a
/// turn, summed over all of them. Between a few lengths a turn's times are linear.
Projection simulate_reinforcement(const Reinforcement& plan, const SimulationOptions& options);

}  // namespace windtunnel
