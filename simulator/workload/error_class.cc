#include "simulator/workload/error_class.h"

namespace windtunnel {

std::string_view class_name(ErrorClass priced) {
  switch (priced) {
    case ErrorClass::kLinear:
      return "linear layers";
    case ErrorClass::kExperts:
      return "expert GEMMs";
    case ErrorClass::kWeightGradients:
      return "weight gradients";
    case ErrorClass::kAttentionForward:
      return "attention forward";
    case ErrorClass::kAttentionBackward:
      return "attention backward";
    case ErrorClass::kMemoryBound:
      return "memory-bound kernels";
    case ErrorClass::kSmall:
      return "small kernels";
    case ErrorClass::kDispatch:
      return "dispatch";
    case ErrorClass::kCombine:
      return "combine";
    case ErrorClass::kSequence:
      return "tensor and context collectives";
    case ErrorClass::kShard:
      return "collectives of sharded parameters";
    case ErrorClass::kSend:
      return "pipeline sends";
    case ErrorClass::kUpdate:
      return "optimizer and gradient reduction";
    case ErrorClass::kNothing:
      break;
  }
  return "nothing";
}

}  // namespace windtunnel
