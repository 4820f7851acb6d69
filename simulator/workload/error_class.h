// Classes of prices: what is off for one kernel of a class is off for all of it.
#pragma once

#include <string_view>

namespace windtunnel {

/// Kinds of kernels whose price errors go together: each is moved to the end of its interval as
/// one.
enum class ErrorClass {
  kNothing,
  kLinear,
  kExperts,
  kWeightGradients,
  kAttentionForward,
  kAttentionBackward,
  kMemoryBound,
  kSmall,
  kDispatch,
  kCombine,
  kSequence,  ///< collectives of tensor and context ranks
  kShard,     ///< of sharded parameters
  kSend,
  kUpdate,
};

inline constexpr ErrorClass kErrorClasses[] = {ErrorClass::kLinear,
                                               ErrorClass::kExperts,
                                               ErrorClass::kWeightGradients,
                                               ErrorClass::kAttentionForward,
                                               ErrorClass::kAttentionBackward,
                                               ErrorClass::kMemoryBound,
                                               ErrorClass::kSmall,
                                               ErrorClass::kDispatch,
                                               ErrorClass::kCombine,
                                               ErrorClass::kSequence,
                                               ErrorClass::kShard,
                                               ErrorClass::kSend,
                                               ErrorClass::kUpdate};

/// What a person would call the class, and measure.
std::string_view class_name(ErrorClass priced);

}  // namespace windtunnel
