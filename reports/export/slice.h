// What every exporter writes: stretches of time on the lanes of a rank, with what explains them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/shapes/ops.h"
#include "simulator/hardware/price.h"

namespace windtunnel {

/// Slots of the schedule; phases of layers and transfers below them; kernels below those.
enum class TraceLevel : std::uint8_t { kSlot, kPhase, kKernel };

/// Streams of a rank, in the order in which they are shown; the schedule's slots come first.
enum class TraceLane : std::uint8_t {
  kSchedule,
  kCompute,
  kCommunication,
  kSend,
  kGather,
  kScatter,
  kHost,
};

inline constexpr std::array<std::string_view, 7> kLaneNames = {
    "schedule", "compute", "communication", "send", "parameter gather", "gradient scatter", "host"};

constexpr std::string_view lane_name(TraceLane lane) {
  return kLaneNames[static_cast<std::size_t>(lane)];
}

/// One GPU that is exported and the simulated rank that ran for it.
struct TraceRank {
  int gpu;       ///< its number in the cluster
  int rank;      ///< simulated
  int pipeline;  ///< its pipeline rank
};

/// A stretch of one lane, in picoseconds from the step's start. Numbers are -1 where they say
/// nothing: of the optimizer, of slots.
struct Slice {
  TraceLane lane;
  std::int64_t start;
  std::int64_t end;
  std::string name;
  std::string_view kind;  ///< slot, compute, kernel, dispatch, combine, send, ...
  std::int32_t op;        ///< of the graph; kNone for slots and kernels
  int micro_batch;
  int direction;
  int stage;
  std::string_view block;             ///< such as "MoE layer"; empty outside of any
  int position;                       ///< of the block in its stage
  const Price* price;                 ///< null where it has none of its own
  std::optional<KernelShape> kernel;  ///< at the kernel level

  [[nodiscard]] std::int64_t length() const { return end - start; }
};

/// `rank 17, pipeline rank 1`.
std::string rank_name(const TraceRank& rank);

/// True for what moves data between GPUs.
constexpr bool is_transfer(const Slice& slice) {
  return slice.lane != TraceLane::kSchedule && slice.lane != TraceLane::kCompute &&
         slice.lane != TraceLane::kHost;
}

}  // namespace windtunnel
