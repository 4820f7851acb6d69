// The vocabulary every pipeline schedule is written in.
#pragma once

#include <string_view>

#include "kernels/shapes/units.h"

namespace windtunnel {

/// What a rank does in one slot. kBackward is the whole backward; kBackwardInput leaves its weight
/// gradients to a later kWeight; kOverlapped runs a forward and another chunk's backward together.
enum class SlotKind { kForward, kBackward, kBackwardInput, kWeight, kOverlapped };

/// When a chunk's output leaves for the next stage: as soon as it is there, beside what its slot
/// still computes, or with the slot's end, and then a slot begins only with all that it needs.
enum class HandOn { kWhenReady, kWithSlot };

/// How an overlapped slot interleaves two chunks of unlike stages. kLayers: the i-th layer of one
/// runs beside the i-th of the other; embedding, projections and heads come between them in their
/// chunk's order and pair with nothing. kBlocks: the i-th block runs beside the i-th, whatever it
/// is.
enum class Pairing { kLayers, kBlocks };

/// A micro-batch on a stage of the model. Micro-batches count from 0 within their direction; stage
/// 0 holds the embedding in every direction.
struct Chunk {
  int direction;
  int micro_batch;
  int stage;

  friend constexpr auto operator<=>(const Chunk&, const Chunk&) = default;
};

/// kForward uses `forward`, kOverlapped both chunks, every other kind `backward`.
struct Slot {
  SlotKind kind;
  Chunk forward;
  Chunk backward;
};

/// How long a stage's slots last: F, B (input and weight part together), W (the weight part of B)
/// and F&B.
struct SlotDurations {
  Picoseconds forward;
  Picoseconds backward;
  Picoseconds weight;
  Picoseconds overlapped;
};

constexpr bool has_forward(SlotKind kind) {
  return kind == SlotKind::kForward || kind == SlotKind::kOverlapped;
}

/// Whether the slot computes the gradient that the stage before waits for.
constexpr bool has_backward_input(SlotKind kind) {
  return kind != SlotKind::kForward && kind != SlotKind::kWeight;
}

/// Whether the slot computes weight gradients: after it, the chunk's activations are not needed.
constexpr bool has_weight(SlotKind kind) {
  return kind != SlotKind::kForward && kind != SlotKind::kBackwardInput;
}

/// As scenarios spell it.
constexpr std::string_view hand_on_name(HandOn hand_on) {
  return hand_on == HandOn::kWhenReady ? "ready" : "slot";
}

/// The pairing as scenarios spell it.
constexpr std::string_view pairing_name(Pairing pairing) {
  return pairing == Pairing::kLayers ? "layers" : "blocks";
}

/// The kind as documents and traces spell it.
constexpr std::string_view slot_name(SlotKind kind) {
  switch (kind) {
    case SlotKind::kForward:
      return "forward";
    case SlotKind::kBackward:
      return "backward";
    case SlotKind::kBackwardInput:
      return "backward_input";
    case SlotKind::kWeight:
      return "weight";
    case SlotKind::kOverlapped:
      break;
  }
  return "overlapped";
}

}  // namespace windtunnel
