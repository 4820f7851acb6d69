// What goes before and after the backward kernels, for nvcc or the device model.
#include <stdexcept>

#include "kernels/mla/attention.h"
#include "kernels/mla/backward_rows.cuh"

namespace windtunnel::device {

LaunchReport attention_backward_pre(Gpu& gpu, const AttentionCall& call,
                                    const AttentionGradients& gradients) {
  if (call.qk == 192) return launch_attention_backward_pre<192>(gpu, call, gradients);
  if (call.qk == 128) return launch_attention_backward_pre<128>(gpu, call, gradients);
  throw std::invalid_argument("attention: no kernel has queries of this width");
}

LaunchReport attention_backward_post(Gpu& gpu, const AttentionCall& call,
                                     const AttentionGradients& gradients) {
  return launch_attention_backward_post(gpu, call, gradients);
}

}  // namespace windtunnel::device
