// Virtual ranks on the device model: slabs whose flags are zero and whose rest nobody has written,
// and arrays of a launch, one part a rank, defined only as far as the rank has tokens.
#pragma once

#include <cstring>
#include <string>

#include "kernels/all_to_all/two_hops.cuh"
#include "tests/kernels/all_to_all/routing.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {

/// Warps of a CTA in tests: two show what one would hide, and more cost time only.
inline constexpr int kTestWarps = 2;

/// parts[rank] of `pitch` values each; what a part leaves out stays undefined.
template <typename T>
Buffer<T> parts_buffer(Gpu& gpu, const std::vector<std::vector<T>>& parts, std::int64_t pitch,
                       const char* name) {
  Buffer<T> buffer(gpu, parts.size() * static_cast<std::size_t>(pitch) + 1, name);
  T* to = buffer.data();
  for (const std::vector<T>& part : parts) {
    std::copy(part.begin(), part.end(), to);
    if (!part.empty()) gpu.define(to, part.size() * sizeof(T), true);
    to += pitch;
  }
  return buffer;
}

template <typename T>
std::vector<T> downloaded_part(const Buffer<T>& buffer, std::int64_t first, std::int64_t count) {
  const std::vector<T> all = buffer.download();
  return {all.begin() + first, all.begin() + first + count};
}

/// The slabs of all ranks.
class Slabs {
 public:
  Slabs(Gpu& gpu, const World& w, std::int64_t bytes) {
    const auto flags = static_cast<std::size_t>(kChannels * w.ranks() * flag_senders(w)) * 8;
    for (int rank = 0; rank < w.ranks(); ++rank) {
      names_.push_back("slab " + std::to_string(rank));
      slabs_.emplace_back(gpu, static_cast<std::size_t>(bytes), names_.back().c_str());
      std::memset(slabs_.back().data(), 0, flags);
      gpu.define(slabs_.back().data(), flags, true);
      peers_.slabs[rank] = slabs_.back().data();
    }
  }
  const LocalPeers& peers() const { return peers_; }

  /// `count` values of a rank's slab from an offset.
  template <typename T>
  std::vector<T> read(int rank, std::int64_t offset, std::int64_t count) const {
    std::vector<T> values(static_cast<std::size_t>(count));
    if (count > 0) {
      std::memcpy(values.data(), slabs_[static_cast<std::size_t>(rank)].data() + offset,
                  values.size() * sizeof(T));
    }
    return values;
  }

 private:
  std::vector<std::string> names_;
  std::vector<Buffer<u8>> slabs_;
  LocalPeers peers_;
};

/// A handle's memory, for all ranks.
struct HandleBuffers {
  Buffer<i32> slots, unit_counts, expert_counts, counts, receive_offsets, received_experts,
      forward_slots;

  HandleBuffers(Gpu& gpu, const World& w)
      : slots(result_buffer<i32>(gpu, w.ranks() * w.max_tokens * w.units(), "slots")),
        unit_counts(result_buffer<i32>(gpu, w.ranks() * w.units(), "unit_counts")),
        expert_counts(result_buffer<i32>(gpu, w.ranks() * w.experts, "expert_counts")),
        counts(result_buffer<i32>(gpu, w.ranks() * w.ranks() * w.units(), "counts")),
        receive_offsets(result_buffer<i32>(gpu, w.ranks() * (w.ranks() + 1), "receive_offsets")),
        received_experts(result_buffer<i32>(gpu, w.experts, "received_experts")),
        forward_slots(
            result_buffer<i32>(gpu, w.ranks() * staged_rows(w) * w.node_ranks, "forward_slots")) {}
  Handle handle() const {
    return {.slots = slots.data(),
            .unit_counts = unit_counts.data(),
            .expert_counts = expert_counts.data(),
            .counts = counts.data(),
            .receive_offsets = receive_offsets.data(),
            .received_experts = received_experts.data(),
            .forward_slots = forward_slots.data()};
  }
};

/// Tokens of each rank, from their choices.
inline std::vector<i32> token_counts(const World& w, const reference::Choices& choices) {
  std::vector<i32> counts;
  for (const auto& chosen : choices) {
    counts.push_back(static_cast<i32>(chosen.size()) / w.top_k);
  }
  return counts;
}

/// Every rank's tokens choose as `load` says.
inline reference::Choices loaded(const World& w, const std::vector<int>& tokens,
                                 generate::Load load, std::uint64_t seed) {
  reference::Choices choices;
  for (const int count : tokens) {
    choices.push_back(generate::choices(count, w.top_k, w.experts, load, seed + choices.size()));
  }
  return choices;
}

/// All choices are among the experts of one rank.
inline reference::Choices all_to_one(const World& w, const std::vector<int>& tokens, int rank) {
  reference::Choices choices;
  for (const int count : tokens) {
    std::vector<std::int32_t>& chosen = choices.emplace_back();
    for (int pair = 0; pair < count * w.top_k; ++pair) {
      chosen.push_back(rank * w.rank_experts() + pair % w.top_k % w.rank_experts());
    }
  }
  return choices;
}

}  // namespace windtunnel::device
