// Dispatch and combine on a device whose memory all ranks share: `groups` virtual ranks in one
// launch, m tokens of n channels and k choices each. What links cost doesn't show.
#pragma once

#include "bench/cases/virtual_ranks.cuh"
#include "kernels/all_to_all/plan.h"
#include "kernels/all_to_all/tolerance.h"
#include "kernels/all_to_all/two_hops.cuh"

namespace windtunnel::bench {

/// The operands of the high-throughput form on the device, their places taken.
struct ExchangeBuffers {
  HostExchange host;
  device::Slab slab;
  Slabs slabs;
  HandleBuffers handle;
  SharedBuffer<device::u8> x;
  SharedBuffer<float> scales, weights;
  SharedBuffer<device::i32> chosen, counts;
  std::shared_ptr<device::u32> dispatches = std::make_shared<device::u32>(0);
  std::shared_ptr<device::u32> combines = std::make_shared<device::u32>(0);

  ExchangeBuffers(device::Gpu& gpu, const device::World& w)
      : host{host_exchange(w)},
        slab{device::slab_of(w)},
        slabs(gpu, w, slab.bytes),
        handle(gpu, w),
        x{upload(gpu, host.x, "x")},
        scales{upload(gpu, w.scales > 0 ? host.scales : std::vector<float>(1), "x_scales")},
        weights{upload(gpu, host.weights, "weights")},
        chosen{upload(gpu, all_choices(host.choices), "chosen")},
        counts{upload(gpu,
                      std::vector<device::i32>(static_cast<std::size_t>(w.ranks()), w.max_tokens),
                      "token_counts")} {}

  [[nodiscard]] device::LaunchReport place(device::Gpu& gpu, int locals) const {
    return device::launch_place<kExchangeWarps>(gpu,
                                                {.world = host.w,
                                                 .chosen = chosen->data(),
                                                 .token_counts = counts->data(),
                                                 .handle = handle.handle()},
                                                locals);
  }
  [[nodiscard]] device::LaunchReport dispatch(device::Gpu& gpu) const {
    const device::DispatchArguments arguments{.world = host.w,
                                              .slab = slab,
                                              .epoch = ++*dispatches,
                                              .x = x->data(),
                                              .x_scales = scales->data(),
                                              .chosen = chosen->data(),
                                              .weights = weights->data(),
                                              .token_counts = counts->data(),
                                              .handle = handle.handle()};
    return host.w.nodes == 1
               ? device::launch_dispatch<kExchangeWarps>(gpu, arguments, slabs.peers)
               : device::launch_dispatch_two_hops<kExchangeWarps>(gpu, arguments, slabs.peers);
  }
  [[nodiscard]] device::LaunchReport combine(device::Gpu& gpu, const device::bf16* y,
                                             device::bf16* out) const {
    const device::CombineArguments arguments{.world = host.w,
                                             .slab = slab,
                                             .epoch = ++*combines,
                                             .y = y,
                                             .out = out,
                                             .token_counts = counts->data(),
                                             .handle = handle.handle()};
    return host.w.nodes == 1
               ? device::launch_combine<kExchangeWarps>(gpu, arguments, slabs.peers)
               : device::launch_combine_two_hops<kExchangeWarps>(gpu, arguments, slabs.peers);
  }
};

/// Ranks that share the GPU, planned as the family plans them.
inline device::World planned_world(device::World w, int sms) {
  w.blocks = plan_all_to_all(w, w.ranks(), sms).blocks;
  return w;
}

template <typename T>
bool same_part(const std::vector<T>& got, const std::vector<T>& all, std::int64_t first) {
  return std::equal(got.begin(), got.end(), all.begin() + first);
}

/// A row that came to `rank`, bit by bit; empty when it is the token that should be there.
inline std::string check_arrival(const ExchangeBuffers& it, std::int64_t rank, std::int64_t row,
                                 const reference::Arrival& want) {
  const device::World& w = it.host.w;
  const device::RowArrays& rows = it.slab.rows;
  const std::string place = "rank " + std::to_string(rank) + ", row " + std::to_string(row);
  const std::int64_t token = want.source * w.max_tokens + want.token;
  if (it.slabs.read<device::i32>(rank, rows.tokens + row * 4, 1).front() != want.token) {
    return place + ": another token";
  }
  const auto x = it.slabs.read<device::u8>(rank, rows.x + row * w.row_bytes, w.row_bytes);
  const auto scales = it.slabs.read<float>(rank, rows.scales + row * w.scales * 4, w.scales);
  const auto weights = it.slabs.read<float>(rank, rows.weights + row * w.top_k * 4, w.top_k);
  if (!same_part(x, it.host.x, token * w.row_bytes)) return place + ": its bytes differ";
  if (!same_part(scales, it.host.scales, token * w.scales)) return place + ": its scales differ";
  if (!same_part(weights, it.host.weights, token * w.top_k)) return place + ": its weights differ";
  const auto experts = it.slabs.read<device::i32>(rank, rows.experts + row * w.top_k * 4, w.top_k);
  for (int choice = 0; choice < w.top_k; ++choice) {
    const auto& chosen = it.host.choices[static_cast<std::size_t>(want.source)];
    const int expert = chosen[static_cast<std::size_t>(want.token * w.top_k + choice)];
    const int own = w.rank_of_expert(expert) == rank ? expert % w.rank_experts() : -1;
    if (experts[static_cast<std::size_t>(choice)] != own) return place + ": its experts differ";
  }
  return "";
}

inline std::string check_dispatch(const ExchangeBuffers& it) {
  const std::int64_t ranks = it.host.w.ranks();
  const std::vector<device::i32> offsets = it.handle.receive_offsets->download();
  for (std::int64_t rank = 0; rank < ranks; ++rank) {
    const auto& want = it.host.exchange.arrivals[static_cast<std::size_t>(rank)];
    const auto& firsts = it.host.exchange.offsets[static_cast<std::size_t>(rank)];
    for (std::int64_t source = 0; source <= ranks; ++source) {
      if (offsets[static_cast<std::size_t>(rank * (ranks + 1) + source)] !=
          firsts[static_cast<std::size_t>(source)]) {
        return "rank " + std::to_string(rank) + ": offsets of what came";
      }
    }
    for (const std::int64_t row : sampled_rows(std::ssize(want))) {
      const std::string wrong = check_arrival(it, rank, row, want[static_cast<std::size_t>(row)]);
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

inline Prepared prepare_dispatch(device::Gpu& gpu, const KernelShape& shape, int nodes, int sms) {
  const auto it = std::make_shared<const ExchangeBuffers>(
      gpu, planned_world(exchange_world(shape, nodes), sms));
  must_run(it->place(gpu, it->host.w.ranks()));
  Prepared prepared;
  prepared.replayable = false;
  prepared.footprint = it->slabs.bytes() + bytes_of(it->x) + bytes_of(it->scales);
  prepared.poison = [=] { it->slabs.poison(); };
  prepared.launch = [=, &gpu] { return launched(it->dispatch(gpu)); };
  prepared.check = [=] { return check_dispatch(*it); };
  return prepared;
}

/// Rows that are to go back: every rank's begin a little later in the same values.
struct ReturnedRows {
  static constexpr std::int64_t kShift = 8;
  std::vector<device::bf16> values;
  std::int64_t columns;

  [[nodiscard]] double value(std::int64_t rank, std::int64_t row, std::int64_t column) const {
    return real(values[static_cast<std::size_t>(rank * kShift + row * columns + column)]);
  }
  [[nodiscard]] std::span<const device::bf16> part(std::int64_t rank, std::int64_t rows) const {
    return std::span(values).subspan(static_cast<std::size_t>(rank * kShift),
                                     static_cast<std::size_t>(rows * columns));
  }
};

inline ReturnedRows returned_rows_of(std::int64_t ranks, std::int64_t rows, std::int64_t columns) {
  return {.values = bf16_inputs(rows * columns + ranks * ReturnedRows::kShift, Data::kUniform, 73),
          .columns = columns};
}

/// A token's sum of `terms` rows' `column`.
struct CombinedSum {
  double value = 0;
  double magnitude = 0;

  void add(double term) {
    value += term;
    magnitude += std::abs(term);
  }
};

/// The tokens of one source, against the sums of the ranks' rows.
inline std::string check_combined(const ExchangeBuffers& it, const ReturnedRows& rows,
                                  std::int64_t source, const std::vector<device::bf16>& got) {
  const device::World& w = it.host.w;
  for (const std::int64_t token : sampled_rows(w.max_tokens)) {
    std::vector<std::pair<std::int64_t, std::int64_t>> from;  // rank, row
    for (std::int64_t rank = 0; rank < w.ranks(); ++rank) {
      const auto& arrivals = it.host.exchange.arrivals[static_cast<std::size_t>(rank)];
      const auto& firsts = it.host.exchange.offsets[static_cast<std::size_t>(rank)];
      const auto begin = arrivals.begin() + firsts[static_cast<std::size_t>(source)];
      const auto end = arrivals.begin() + firsts[static_cast<std::size_t>(source + 1)];
      const auto found = std::find(begin, end, reference::Arrival{source, token});
      if (found != end) from.emplace_back(rank, found - arrivals.begin());
    }
    for (std::int64_t j = 0; j < w.columns; ++j) {
      CombinedSum sum;
      for (const auto& [rank, row] : from) sum.add(rows.value(rank, row, j));
      const double allowed = w.nodes == 1 ? tolerance::combine(sum.value, sum.magnitude, w.ranks())
                                          : tolerance::combine_two_hops(sum.value, sum.magnitude,
                                                                        w.node_ranks, w.nodes);
      const std::string wrong = difference(
          token, j, real(got[static_cast<std::size_t>(token * w.columns + j)]), sum.value, allowed);
      if (!wrong.empty()) return "rank " + std::to_string(source) + ", " + wrong;
    }
  }
  return "";
}

inline Prepared prepare_combine(device::Gpu& gpu, const KernelShape& shape, int nodes, int sms) {
  const auto it = std::make_shared<const ExchangeBuffers>(
      gpu, planned_world(exchange_world(shape, nodes), sms));
  const device::World& w = it->host.w;
  must_run(it->place(gpu, w.ranks()));
  must_run(it->dispatch(gpu));
  std::int64_t most = 0;
  for (const auto& arrivals : it->host.exchange.arrivals) {
    most = std::max<std::int64_t>(most, std::ssize(arrivals));
  }
  const auto rows =
      std::make_shared<const ReturnedRows>(returned_rows_of(w.ranks(), most, w.columns));
  const std::int64_t part = device::received_rows(w) * w.columns;
  const auto y = output<device::bf16>(gpu, w.ranks() * part, "y");
  for (std::int64_t rank = 0; rank < w.ranks(); ++rank) {
    const auto& arrivals = it->host.exchange.arrivals[static_cast<std::size_t>(rank)];
    y->upload(static_cast<std::size_t>(rank * part), rows->part(rank, std::ssize(arrivals)));
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
    for (std::int64_t rank = 0; rank < it->host.w.ranks() && wrong.empty(); ++rank) {
      wrong = check_combined(
          *it, *rows, rank,
          out->download(static_cast<std::size_t>(rank * tokens), static_cast<std::size_t>(tokens)));
    }
    return wrong;
  };
  return prepared;
}

/// One rank's places and counts: m tokens, k of n experts each, `groups` ranks.
inline Prepared prepare_layout(device::Gpu& gpu, const KernelShape& shape) {
  device::World w;
  w.node_ranks = static_cast<int>(shape.groups);
  w.experts = static_cast<int>(shape.n);
  w.top_k = static_cast<int>(shape.k);
  w.max_tokens = static_cast<int>(shape.m);
  const auto choices =
      share(generate::choices(shape.m, shape.k, w.experts, generate::Load::kUniform, 74));
  const auto chosen = upload(gpu, *choices, "chosen");
  const auto count = upload(gpu, std::vector<device::i32>{w.max_tokens}, "token_counts");
  const HandleBuffers handle(gpu, w);
  Prepared prepared;
  prepared.footprint = bytes_of(chosen, handle.slots);
  prepared.poison = [=] {
    handle.slots->poison();
    handle.unit_counts->poison();
    handle.expert_counts->poison();
  };
  prepared.launch = [=, &gpu, keep = std::pair(chosen, count)] {
    return launched(device::launch_place<kExchangeWarps>(gpu,
                                                         {.world = w,
                                                          .chosen = chosen->data(),
                                                          .token_counts = count->data(),
                                                          .handle = handle.handle()},
                                                         1));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<device::i32> slots = handle.slots->download();
    const std::vector<device::i32> counts = handle.unit_counts->download();
    std::vector<std::int64_t> next(static_cast<std::size_t>(w.units()));
    for (std::int64_t token = 0; token < shape.m; ++token) {
      for (int unit = 0; unit < w.units(); ++unit) {
        const device::Experts experts = device::experts_of_unit(w, unit);
        const auto first = choices->begin() + token * shape.k;
        const bool goes =
            std::any_of(first, first + shape.k, [&](std::int32_t it) { return experts.hold(it); });
        const std::int64_t want = goes ? next[static_cast<std::size_t>(unit)]++ : -1;
        if (slots[static_cast<std::size_t>(token * w.units() + unit)] != want) {
          return "token " + std::to_string(token) + ", unit " + std::to_string(unit) + " differs";
        }
      }
    }
    return std::equal(next.begin(), next.end(), counts.begin()) ? "" : "the counts differ";
  };
  return prepared;
}

}  // namespace windtunnel::bench
