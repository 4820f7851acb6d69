// The low-latency form on a device whose memory all ranks share, as all_to_all_cases.cuh.
#pragma once

#include "bench/cases/all_to_all_cases.cuh"
#include "bench/cases/ops_cases.cuh"
#include "kernels/all_to_all/low_latency.cuh"

namespace windtunnel::bench {

struct FastBuffers {
  device::World w;
  reference::Choices choices;
  reference::ExpertPairs pairs;
  std::vector<device::bf16> host_x;
  std::vector<float> host_weights;
  device::FastSlab slab;
  Slabs slabs;
  SharedBuffer<device::bf16> x;
  SharedBuffer<float> weights;
  SharedBuffer<device::i32> chosen, counts, slots, sent, received;
  std::shared_ptr<device::u32> epoch = std::make_shared<device::u32>(0);

  FastBuffers(device::Gpu& gpu, const device::World& world)
      : w{world}, slab{device::fast_slab_of(w)}, slabs(gpu, w, slab.bytes) {
    const std::int64_t tokens = std::int64_t{w.ranks()} * w.max_tokens;
    choices = host_exchange_choices(w);
    pairs = reference::expert_pairs(choices, w.experts);
    host_x = bf16_inputs(tokens * w.columns, Data::kUniform, 80);
    host_weights = positive_floats(tokens * w.top_k, 81);
    x = upload(gpu, host_x, "x");
    weights = upload(gpu, host_weights, "weights");
    chosen = upload(gpu, all_choices(choices), "chosen");
    counts =
        upload(gpu, std::vector<device::i32>(static_cast<std::size_t>(w.ranks()), w.max_tokens),
               "token_counts");
    slots = output<device::i32>(gpu, tokens * w.top_k, "slots");
    sent = output<device::i32>(gpu, std::int64_t{w.ranks()} * w.experts, "sent");
    received = output<device::i32>(gpu, std::int64_t{w.ranks()} * w.experts, "received");
  }

  [[nodiscard]] device::FastHandle handle() const {
    return {slots->data(), sent->data(), received->data()};
  }
  [[nodiscard]] device::LaunchReport dispatch(device::Gpu& gpu) const {
    return device::launch_fast_dispatch<kExchangeWarps>(gpu,
                                                        {.world = w,
                                                         .slab = slab,
                                                         .epoch = ++*epoch,
                                                         .x = x->data(),
                                                         .chosen = chosen->data(),
                                                         .token_counts = counts->data(),
                                                         .handle = handle()},
                                                        slabs.peers);
  }
  /// The launch before has ended for all ranks, so calls need not alternate here.
  [[nodiscard]] device::LaunchReport combine(device::Gpu& gpu, const device::bf16* y,
                                             device::bf16* out) const {
    return device::launch_fast_combine<kExchangeWarps>(gpu,
                                                       {.world = w,
                                                        .slab = slab,
                                                        .epoch = ++*epoch,
                                                        .y = y,
                                                        .out = out,
                                                        .chosen = chosen->data(),
                                                        .weights = weights->data(),
                                                        .token_counts = counts->data(),
                                                        .handle = handle()},
                                                       slabs.peers);
  }
};

/// The pairs of `source` that came to `expert`: how many, and the first and last of them.
inline std::string check_fast_arrivals(const FastBuffers& it, std::int64_t expert,
                                       std::int64_t source) {
  const device::World& w = it.w;
  const int owner = w.rank_of_expert(static_cast<int>(expert));
  const int own = static_cast<int>(expert) % w.rank_experts();
  const auto& want = it.pairs[static_cast<std::size_t>(expert)][static_cast<std::size_t>(source)];
  const std::string place =
      "expert " + std::to_string(expert) + ", source " + std::to_string(source);
  const auto at = static_cast<std::size_t>(std::int64_t{owner} * w.experts +
                                           std::int64_t{own} * w.ranks() + source);
  if (it.received->download(at, 1).front() != std::ssize(want)) return place + ": the count";
  const std::int64_t scales = device::fast_scales(w);
  for (const std::int64_t slot : few_of(std::ssize(want))) {
    if (want.empty()) break;
    const std::int64_t pair = want[static_cast<std::size_t>(slot)];
    const std::int64_t row =
        device::fast_row(w, own, static_cast<int>(source), static_cast<int>(slot));
    if (it.slabs.read<device::i32>(owner, it.slab.pairs + row * 4, 1).front() != pair) {
      return place + ": another pair";
    }
    const std::int64_t token = source * w.max_tokens + pair / w.top_k;
    const std::string wrong = check_codes(
        slot, row_of(it.host_x, token, w.columns),
        row_of(it.slabs.read<device::e4m3>(owner, it.slab.codes + row * w.columns, w.columns), 0,
               w.columns),
        row_of(it.slabs.read<float>(owner, it.slab.scales + row * scales * 4, scales), 0, scales));
    if (!wrong.empty()) return place + ", " + wrong;
  }
  return "";
}

inline device::World fast_world(const KernelShape& shape, int sms) {
  device::World w = exchange_world(shape, 1);
  w.blocks = plan_low_latency(w, w.ranks(), sms).blocks;
  return w;
}

inline Prepared prepare_fast_dispatch(device::Gpu& gpu, const KernelShape& shape, int sms) {
  const auto it = std::make_shared<const FastBuffers>(gpu, fast_world(shape, sms));
  Prepared prepared;
  prepared.replayable = false;
  prepared.footprint = it->slabs.bytes() + bytes_of(it->x);
  prepared.poison = [=] { it->slabs.poison(); };
  prepared.launch = [=, &gpu] { return launched(it->dispatch(gpu)); };
  prepared.check = [=] {
    std::string wrong;
    for (const std::int64_t expert : sampled_rows(it->w.experts)) {
      for (std::int64_t source = 0; source < it->w.ranks() && wrong.empty(); ++source) {
        wrong = check_fast_arrivals(*it, expert, source);
      }
    }
    return wrong;
  };
  return prepared;
}

/// The tokens of one source, against the weighted sums of their choices' rows.
inline std::string check_fast_combined(const FastBuffers& it, const ReturnedRows& rows,
                                       std::int64_t source, const std::vector<device::bf16>& got) {
  const device::World& w = it.w;
  const auto& chosen = it.choices[static_cast<std::size_t>(source)];
  for (const std::int64_t token : sampled_rows(w.max_tokens)) {
    std::vector<CombinedSum> sums(static_cast<std::size_t>(w.columns));
    for (std::int64_t pair = token * w.top_k; pair < (token + 1) * w.top_k; ++pair) {
      const int expert = chosen[static_cast<std::size_t>(pair)];
      const auto& pairs =
          it.pairs[static_cast<std::size_t>(expert)][static_cast<std::size_t>(source)];
      const auto slot = std::find(pairs.begin(), pairs.end(), pair) - pairs.begin();
      const std::int64_t row = device::fast_row(w, expert % w.rank_experts(),
                                                static_cast<int>(source), static_cast<int>(slot));
      const double weight =
          real(it.host_weights[static_cast<std::size_t>(source * w.max_tokens * w.top_k + pair)]);
      for (std::int64_t j = 0; j < w.columns; ++j) {
        sums[static_cast<std::size_t>(j)].add(weight *
                                              rows.value(w.rank_of_expert(expert), row, j));
      }
    }
    for (std::int64_t j = 0; j < w.columns; ++j) {
      const CombinedSum& sum = sums[static_cast<std::size_t>(j)];
      const std::string wrong =
          difference(token, j, real(got[static_cast<std::size_t>(token * w.columns + j)]),
                     sum.value, tolerance::combine_weighted(sum.value, sum.magnitude, w.top_k));
      if (!wrong.empty()) return "rank " + std::to_string(source) + ", " + wrong;
    }
  }
  return "";
}

inline Prepared prepare_fast_combine(device::Gpu& gpu, const KernelShape& shape, int sms) {
  const auto it = std::make_shared<const FastBuffers>(gpu, fast_world(shape, sms));
  const device::World& w = it->w;
  must_run(it->dispatch(gpu));
  const std::int64_t part = device::fast_rows(w) * w.columns;
  const auto rows = std::make_shared<const ReturnedRows>(
      returned_rows_of(w.ranks(), device::fast_rows(w), w.columns));
  const auto y = output<device::bf16>(gpu, w.ranks() * part, "y");
  for (std::int64_t rank = 0; rank < w.ranks(); ++rank) {
    y->upload(static_cast<std::size_t>(rank * part), rows->part(rank, device::fast_rows(w)));
  }
  const std::int64_t tokens = std::int64_t{w.max_tokens} * w.columns;
  const auto out = output<device::bf16>(gpu, w.ranks() * tokens, "out");
  Prepared prepared;
  prepared.replayable = false;
  prepared.footprint = it->slabs.bytes() + bytes_of(y, out);
  prepared.poison = [=] { out->poison(); };
  prepared.launch = [=, &gpu] { return launched(it->combine(gpu, y->data(), out->data())); };
  prepared.check = [=] {
    std::string wrong;
    for (std::int64_t rank = 0; rank < it->w.ranks() && wrong.empty(); ++rank) {
      wrong = check_fast_combined(
          *it, *rows, rank,
          out->download(static_cast<std::size_t>(rank * tokens), static_cast<std::size_t>(tokens)));
    }
    return wrong;
  };
  return prepared;
}

}  // namespace windtunnel::bench
