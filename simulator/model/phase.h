// The phases of a layer's training step, in the vocabulary of DualPipe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace windtunnel {

/// Phases of a layer, of DualPipe's chunks: dispatch and combine are the transfers around the
/// experts, kCombineBackward sends gradients out to the experts, kDispatchBackward back.
enum class Phase : std::uint8_t {
  kAttentionForward,
  kDispatchForward,
  kMlpForward,
  kCombineForward,
  kCombineBackward,
  kMlpBackward,
  kDispatchBackward,
  kAttentionBackward,
  kMlpWeight,
  kAttentionWeight,
};

/// Whether it is of a chunk on its way from the first stage to the last.
constexpr bool is_forward(Phase phase) {
  return phase == Phase::kAttentionForward || phase == Phase::kDispatchForward ||
         phase == Phase::kMlpForward || phase == Phase::kCombineForward;
}

/// As documents and traces spell it.
constexpr std::string_view phase_name(Phase phase) {
  constexpr std::string_view kNames[] = {"attn(F)",    "dispatch(F)", "mlp(F)",      "combine(F)",
                                         "combine(B)", "mlp(B)",      "dispatch(B)", "attn(B)",
                                         "mlp(W)",     "attn(W)"};
  return kNames[static_cast<std::size_t>(phase)];
}

}  // namespace windtunnel
