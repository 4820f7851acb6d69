// The memory ledger of a deployment: what lies in a GPU's HBM while it serves, and how many tokens
// fit beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/workload/memory.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

/// Cache of one token on one GPU of a group: the latent whole on each (MLA), or its key heads. With
/// the prediction modules' layers where they run.
Bytes cache_bytes_per_token(const ServingScenario& scenario, const ServingUnit& unit);

/// Rows and tokens of the fullest iteration of a group, and the tokens that its cache must hold.
struct GroupWork {
  double prompt_tokens;  ///< of the chunk
  double decode_rows;    ///< requests times their tokens in an iteration
  double context;        ///< longest sequence of a prompt, with what is cached of it
  double cached;         ///< tokens in the cache, as the scenario asks
};

/// `unit` is one of the scenario's own, which tells what it does.
GroupWork group_work(const ServingScenario& scenario, const ServingUnit& unit);

/// The fullest GPU of a unit. `low` and `high` carry the ranges of the assumptions. `max_tokens` is
/// what an attention group's caches could hold beside everything else (0 where nothing is left).
struct UnitMemory {
  std::string unit;  ///< "unit" or "prefill_unit"
  Bytes total;
  Bytes low;
  Bytes high;
  Bytes capacity;
  bool fits;
  Bytes weights;
  Bytes cache_per_token;
  double max_tokens;
  std::vector<MemoryPart> parts;
};

UnitMemory unit_memory(const ServingScenario& scenario, const ServingUnit& unit,
                       const std::string& name);

/// Every unit of the scenario.
std::vector<UnitMemory> serving_memory(const ServingScenario& scenario);

/// The fewest GPUs (a power of two, one tensor-parallel group, experts divided where they can be)
/// of `gpu` on which the scenario's model, formats and one of its requests fit. Nothing up to 256.
std::optional<int> fewest_gpus(const ServingScenario& scenario, const Gpu& gpu);

}  // namespace windtunnel
