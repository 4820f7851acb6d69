// The shipped scenarios and prices, as tests load and change them.
#pragma once

#include <string>
#include <vector>

#include "simulator/hardware/price_book.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/schedules/schedule.h"
#include "tests/model/models.h"

namespace windtunnel {

inline Scenario pretraining(const std::vector<Override>& overrides = {}) {
  return load_scenario("scenarios/deepseek-v3/pretrain.toml", overrides);
}

inline Scenario pair_of_layers() {
  return load_scenario("scenarios/deepseek-v3/overlapped_pair.toml", {});
}

inline const PriceBook& shipped_prices() {
  static const PriceBook book = load_price_book(".");
  return book;
}

/// V3 on 128 GPUs: two pipeline ranks of 64 data ranks, 4 micro-batches, a ramp from 2 of them.
inline Scenario small_cluster() {
  Scenario scenario = pretraining();
  scenario.cluster.nodes = 16;
  scenario.parallelism.pipeline = 2;
  scenario.stages.layers = {30, 31};
  scenario.stages.alternatives = {};
  scenario.schedule.hand_on_alternatives = {};
  scenario.stages.pairing_alternatives = {};
  scenario.batch.sequences = 4 * 64;
  scenario.batch.ramp_sequences = 2 * 64;
  return scenario;
}

/// Llama 8B in BF16 on 64 H800: two pipeline ranks of 8 data ranks of 4 tensor ranks, 4
/// micro-batches, no communication overlapped.
inline Scenario dense_cluster() {
  Scenario scenario = small_cluster();
  scenario.model = llama_8b();
  scenario.precision = Dtype::kBf16;
  scenario.cluster.nodes = 8;
  scenario.parallelism.expert = 1;
  scenario.parallelism.tensor = 4;
  scenario.parallelism.sequence_parallel = true;
  scenario.schedule.name.value = "1f1b";
  scenario.stages.layers = {16, 16};
  scenario.batch.sequences = 4 * 8;
  scenario.batch.ramp_sequences = 2 * 8;
  return scenario;
}

/// The Llama of 8 B on 32 GPUs: 4 pipeline ranks of 8 data ranks, 16 micro-batches, under
/// `schedule` in as many stages as it has, two a rank where it leaves that open.
inline Scenario dense_pipeline(const ScheduleKind& schedule) {
  Scenario scenario = pretraining();
  scenario.model = load_architecture("scenarios/models/r1-distill-llama-8b.toml", {});
  scenario.precision = Dtype::kBf16;
  scenario.cluster.nodes = 4;
  scenario.parallelism.pipeline = 4;
  scenario.parallelism.expert = 1;
  scenario.schedule.name.value = std::string(schedule.name);
  scenario.schedule.fallback.value = std::string(schedule.name);
  scenario.schedule.virtual_stages = 2;
  scenario.schedule.hand_on_alternatives = {};
  const auto stages = static_cast<std::size_t>(stage_count(shape_of(schedule, 4, 16, 2)));
  scenario.stages.layers.assign(stages, 32 / static_cast<int>(stages));
  scenario.stages.alternatives = {};
  scenario.stages.pairing_alternatives = {};
  scenario.batch.sequences = 16 * 8;
  scenario.batch.ramp_sequences = 8 * 8;
  return scenario;
}

/// The link of every test that needs round numbers.
inline Link simple_link(double rate, double latency) {
  return {.peak = {rate},
          .effective = {rate},
          .effective_high = {},
          .latency = {latency},
          .source = "test"};
}

/// A price that a test makes up; its interval reaches from half to twice the time.
inline Price invented_price(double seconds, Basis basis = Basis::kMeasured) {
  return {.time = {seconds},
          .low = {seconds / 2},
          .high = {seconds * 2},
          .provenance = Provenance(basis, "invented", false)};
}

}  // namespace windtunnel
