// The decode kernels of sm_80, for nvcc or the device model.
#include "kernels/mla/combine.cuh"
#include "kernels/mla/decode.h"
#include "kernels/mla/decode_sm80.cuh"

namespace windtunnel::device {

LaunchReport decode_on_sm80(Gpu& gpu, const DecodePlan& plan, const DecodeCall& call) {
  check(plan, call);
  const LaunchReport decoded = launch_decode_sm80(gpu, plan, call);
  return decoded.ok() && !plan.merges.empty() ? launch_combine(gpu, plan, call) : decoded;
}

}  // namespace windtunnel::device
