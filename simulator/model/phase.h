// The phases of a layer.
#pragma once

#include <cstdint>

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

}  // namespace windtunnel
