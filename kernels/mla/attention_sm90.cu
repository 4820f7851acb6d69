// The attention kernels of sm_90a, for nvcc or the device model.
#include <stdexcept>

#include "kernels/mla/attention.h"
#include "kernels/mla/backward_sm90.cuh"
#include "kernels/mla/forward_sm90.cuh"

namespace windtunnel::device {

LaunchReport attention_forward_on_sm90(Gpu& gpu, const AttentionCall& call) {
  if (call.qk == 192) return launch_attention_forward_sm90<192>(gpu, call);
  if (call.qk == 128) return launch_attention_forward_sm90<128>(gpu, call);
  throw std::invalid_argument("attention: no kernel has queries of this width");
}

LaunchReport attention_backward_on_sm90(Gpu& gpu, const AttentionCall& call,
                                        const AttentionGradients& gradients) {
  if (call.qk == 192) return launch_attention_backward_sm90<192>(gpu, call, gradients);
  if (call.qk == 128) return launch_attention_backward_sm90<128>(gpu, call, gradients);
  throw std::invalid_argument("attention: no kernel has queries of this width");
}

}  // namespace windtunnel::device
