// The one place that decides which measurement answers for a transfer of serving.
//
// - All-reduce in a node: the frameworks' own kernel up to 8 MiB (where vLLM and SGLang change
//   over), else NCCL's; reduce-scatter and all-gather: NCCL's.
// - Over several nodes: scattered in the node, summed around the ring of nodes on each GPU's own
//   NIC, gathered in the node.
// - Experts: DeepEP's normal kernels for prompts, its low-latency ones for decoding, which send a
//   token once to each expert. Between nodes nobody's low-latency times are here: bytes at the
//   NIC's effective rate.
// - What crosses a fabric takes no less than its bytes at the rate that is left: measured times as
//   well as those of links, which know the latency of the switches too.
#pragma once

#include "simulator/hardware/price_book.h"
#include "simulator/model/serving_kernels.h"
#include "simulator/workload/serving/scenario.h"
#include "simulator/workload/serving/unit_network.h"

namespace windtunnel {

/// `rate` is what the network leaves the group's rings.
Price group_collective_price(const PriceBook& book, const Cluster& cluster, const NetworkRate& rate,
                             const GroupCollective& collective);

/// `sms` SMs carry normal transfers; `rate` is what the network leaves such transfers.
Price expert_transfer_price(const PriceBook& book, const Cluster& cluster, const NetworkRate& rate,
                            int sms, const ExpertTransfer& transfer);

}  // namespace windtunnel
