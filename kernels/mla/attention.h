// Attention on a GPU or the device model. One source an architecture; a program links those it
// needs. Widths of queries and keys are 192 or 128; others throw std::invalid_argument.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/mla/attention_call.h"

namespace windtunnel::device {

/// o and lse.
LaunchReport attention_forward_on_sm80(Gpu& gpu, const AttentionCall& call);
LaunchReport attention_forward_on_sm90(Gpu& gpu, const AttentionCall& call);

/// dq, dk and dv of what a forward call has left: three launches in this order.
LaunchReport attention_backward_pre(Gpu& gpu, const AttentionCall& call,
                                    const AttentionGradients& gradients);
LaunchReport attention_backward_on_sm80(Gpu& gpu, const AttentionCall& call,
                                        const AttentionGradients& gradients);
LaunchReport attention_backward_on_sm90(Gpu& gpu, const AttentionCall& call,
                                        const AttentionGradients& gradients);
LaunchReport attention_backward_post(Gpu& gpu, const AttentionCall& call,
                                     const AttentionGradients& gradients);

}  // namespace windtunnel::device
