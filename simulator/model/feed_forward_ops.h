// The feed-forward half of a layer as kernels. Its norm, the router and the cast before dispatch
// belong to the attention phases, as DeepSeek's step runs them.
#pragma once

#include "simulator/model/architecture.h"
#include "simulator/model/kernel_list.h"

namespace windtunnel {

/// Before the feed-forward: norm, router, cast to FP8 (under kAttentionForward).
void feed_forward_entry(const Dense& dense, std::int64_t hidden, KernelList& list);
void feed_forward_entry(const Moe& moe, std::int64_t hidden, KernelList& list);
/// Their gradients (under kAttentionBackward).
void feed_forward_entry_backward(const Dense& dense, std::int64_t hidden, KernelList& list);
void feed_forward_entry_backward(const Moe& moe, std::int64_t hidden, KernelList& list);

void feed_forward(const Dense& dense, std::int64_t hidden, KernelList& list);
void feed_forward_backward(const Dense& dense, std::int64_t hidden, KernelList& list);
void feed_forward_weight(const Dense& dense, std::int64_t hidden, KernelList& list);

void feed_forward(const Moe& moe, std::int64_t hidden, KernelList& list);
void feed_forward_backward(const Moe& moe, std::int64_t hidden, KernelList& list);
void feed_forward_weight(const Moe& moe, std::int64_t hidden, KernelList& list);

}  // namespace windtunnel
