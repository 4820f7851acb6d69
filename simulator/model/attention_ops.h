// The attention half of a layer as kernels, from the norm before it to the residual after it.
#pragma once

#include "simulator/model/architecture.h"
#include "simulator/model/kernel_list.h"

namespace windtunnel {

/// Each appends the kernels of one phase for a hidden size.
void attention_forward(const Mla& mla, std::int64_t hidden, KernelList& list);
void attention_backward(const Mla& mla, std::int64_t hidden, KernelList& list);
void attention_weight(const Mla& mla, std::int64_t hidden, KernelList& list);

void attention_forward(const Gqa& gqa, std::int64_t hidden, KernelList& list);
void attention_backward(const Gqa& gqa, std::int64_t hidden, KernelList& list);
void attention_weight(const Gqa& gqa, std::int64_t hidden, KernelList& list);

}  // namespace windtunnel
