// The decode kernels of sm_90a, for nvcc or the device model.
#include "kernels/mla/combine.cuh"
#include "kernels/mla/decode.h"
#include "kernels/mla/decode_fp8_sm90.cuh"
#include "kernels/mla/decode_sm90.cuh"

namespace windtunnel::device {

LaunchReport decode_on_sm90(Gpu& gpu, const DecodePlan& plan, const DecodeCall& call) {
  check(plan, call);
  const LaunchReport decoded = launch_decode_sm90(gpu, plan, call);
  return decoded.ok() && !plan.merges.empty() ? launch_combine(gpu, plan, call) : decoded;
}

LaunchReport decode_fp8_on_sm90(Gpu& gpu, const DecodePlan& plan, const DecodeCall& call) {
  check(plan, call);
  const LaunchReport decoded = launch_decode_fp8_sm90(gpu, plan, call);
  return decoded.ok() && !plan.merges.empty() ? launch_combine(gpu, plan, call) : decoded;
}

}  // namespace windtunnel::device
