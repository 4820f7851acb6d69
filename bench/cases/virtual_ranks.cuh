// Ranks that share one device: what each has, their slabs, and the memory between dispatch and
// combine.
#pragma once

#include <cstring>

#include "bench/cases/values.h"
#include "kernels/all_to_all/place.cuh"
#include "kernels/all_to_all/reference.h"

namespace windtunnel::bench {

/// As plan.cc plans for every world.
inline constexpr int kExchangeWarps = 16;

/// DeepSeek-V3's 256 experts on eight ranks; a world of the device model has few.
inline int exchange_experts(const KernelShape& shape) {
  return static_cast<int>(shape.groups) * (shape.m < 64 ? 4 : 32);
}

inline device::World exchange_world(const KernelShape& shape, int nodes) {
  device::World w;
  w.nodes = nodes;
  w.node_ranks = static_cast<int>(shape.groups) / nodes;
  w.experts = exchange_experts(shape);
  w.top_k = static_cast<int>(shape.k);
  w.max_tokens = static_cast<int>(shape.m);
  w.columns = static_cast<int>(shape.n);
  const bool fp8 = shape.dtype == Dtype::kFp8;
  w.row_bytes = w.columns * (fp8 ? 1 : 2);
  w.scales = fp8 ? device::fast_scales(w) : 0;
  w.capacity = w.max_tokens;
  return w;
}

/// What the ranks have, rank by rank, and where it goes.
struct HostExchange {
  device::World w;
  reference::Choices choices;
  std::vector<device::u8> x;  ///< rows of row_bytes
  std::vector<float> scales;
  std::vector<float> weights;
  reference::Exchange exchange;
};

inline reference::Choices host_exchange_choices(const device::World& w) {
  reference::Choices choices;
  for (int rank = 0; rank < w.ranks(); ++rank) {
    choices.push_back(generate::choices(w.max_tokens, w.top_k, w.experts, generate::Load::kUniform,
                                        60 + static_cast<std::uint64_t>(rank)));
  }
  return choices;
}

inline HostExchange host_exchange(const device::World& w) {
  HostExchange it{.w = w,
                  .choices = host_exchange_choices(w),
                  .x = {},
                  .scales = {},
                  .weights = {},
                  .exchange = {}};
  const std::int64_t tokens = std::int64_t{w.ranks()} * w.max_tokens;
  for (const device::e4m3 code : inputs<device::e4m3>(tokens * w.row_bytes, Data::kUniform, 70)) {
    it.x.push_back(code.bits);
  }
  it.scales = positive_floats(tokens * w.scales, 71);
  it.weights = positive_floats(tokens * w.top_k, 72);
  it.exchange = reference::exchange(it.choices, w.top_k, w.experts);
  return it;
}

/// All ranks' slabs. Flags are zero before the first call.
struct Slabs {
  std::vector<SharedBuffer<device::u8>> buffers;
  device::LocalPeers peers;
  std::size_t flag_bytes;

  Slabs(device::Gpu& gpu, const device::World& w, std::int64_t bytes)
      : flag_bytes{
            static_cast<std::size_t>(device::kChannels * w.ranks() * device::flag_senders(w)) *
            sizeof(device::u64)} {
    for (int rank = 0; rank < w.ranks(); ++rank) {
      buffers.push_back(output<device::u8>(gpu, bytes, "slab"));
      peers.slabs[rank] = buffers.back()->data();
    }
    poison();
  }
  void poison() const {
    const std::vector<device::u8> zeros(flag_bytes);
    for (const SharedBuffer<device::u8>& slab : buffers) {
      slab->poison();
      slab->upload(0, zeros);
    }
  }
  [[nodiscard]] double bytes() const {
    return static_cast<double>(buffers.size() * buffers.front()->size());
  }
  /// `count` values of a rank's slab.
  template <typename T>
  std::vector<T> read(std::int64_t rank, std::int64_t offset, std::int64_t count) const {
    const auto size = static_cast<std::size_t>(count) * sizeof(T);
    const std::vector<device::u8> bytes =
        buffers[static_cast<std::size_t>(rank)]->download(static_cast<std::size_t>(offset), size);
    std::vector<T> values(static_cast<std::size_t>(count));
    if (size > 0) std::memcpy(values.data(), bytes.data(), size);
    return values;
  }
};

/// What a dispatch leaves to its combine, for all ranks.
struct HandleBuffers {
  SharedBuffer<device::i32> slots, unit_counts, expert_counts, counts, receive_offsets,
      received_experts, forward_slots;

  HandleBuffers(device::Gpu& gpu, const device::World& w) {
    const std::int64_t ranks = w.ranks();
    slots = output<device::i32>(gpu, ranks * w.max_tokens * w.units(), "slots");
    unit_counts = output<device::i32>(gpu, ranks * w.units(), "unit_counts");
    expert_counts = output<device::i32>(gpu, ranks * w.experts, "expert_counts");
    counts = output<device::i32>(gpu, ranks * ranks * w.units(), "counts");
    receive_offsets = output<device::i32>(gpu, ranks * (ranks + 1), "receive_offsets");
    received_experts = output<device::i32>(gpu, w.experts, "received_experts");
    forward_slots =
        output<device::i32>(gpu, ranks * device::staged_rows(w) * w.node_ranks, "forward_slots");
  }
  [[nodiscard]] device::Handle handle() const {
    return {.slots = slots->data(),
            .unit_counts = unit_counts->data(),
            .expert_counts = expert_counts->data(),
            .counts = counts->data(),
            .receive_offsets = receive_offsets->data(),
            .received_experts = received_experts->data(),
            .forward_slots = forward_slots->data()};
  }
};

/// All ranks' choices, one behind the other.
inline std::vector<device::i32> all_choices(const reference::Choices& choices) {
  std::vector<device::i32> all;
  for (const auto& it : choices) all.insert(all.end(), it.begin(), it.end());
  return all;
}

}  // namespace windtunnel::bench
