// Dispatch and combine of kernels/all_to_all between GPUs that reach each other's memory.
#pragma once

#include <nccl_device.h>

#include "bench/ranks/nccl_rank.cuh"
#include "kernels/all_to_all/combine.cuh"
#include "kernels/all_to_all/lsa_peers.cuh"
#include "kernels/all_to_all/plan.h"

namespace windtunnel::bench {

/// As plan.cc plans for every world.
inline constexpr int kLsaWarps = 16;

/// Memory that all ranks have at the same offset, registered together.
class SymmetricSlab {
 public:
  SymmetricSlab(const NcclRank& rank, std::size_t bytes) : comm_{rank.comm} {
    must(ncclMemAlloc(&data_, bytes), "ncclMemAlloc");
    device::cuda_side::check(cudaMemset(data_, 0, bytes), "cudaMemset");
    device::cuda_side::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    must(ncclCommWindowRegister(comm_, data_, bytes, &window_, NCCL_WIN_COLL_SYMMETRIC),
         "ncclCommWindowRegister");
  }
  SymmetricSlab(const SymmetricSlab&) = delete;
  SymmetricSlab& operator=(const SymmetricSlab&) = delete;
  ~SymmetricSlab() {
    if (window_ != nullptr) ncclCommWindowDeregister(comm_, window_);
    ncclMemFree(data_);
  }
  ncclWindow_t window() const { return window_; }
  /// `count` elements from an offset.
  std::vector<std::uint16_t> read(std::int64_t offset, std::int64_t count) const {
    std::vector<std::uint16_t> out(static_cast<std::size_t>(count));
    device::cuda_side::check(cudaMemcpy(out.data(), static_cast<char*>(data_) + offset,
                                        out.size() * sizeof out[0], cudaMemcpyDeviceToHost),
                             "cudaMemcpy");
    return out;
  }

 private:
  ncclComm_t comm_;
  void* data_ = nullptr;
  ncclWindow_t window_ = nullptr;
};

inline device::World lsa_world(const NcclRank& rank, std::int64_t tokens) {
  device::World w;
  w.node_ranks = rank.control.ranks;
  w.experts = rank.control.ranks * kRankExperts;
  w.top_k = kTopK;
  w.max_tokens = static_cast<int>(tokens);
  w.columns = static_cast<int>(kRowElements);
  w.row_bytes = static_cast<int>(kRowElements * kElementBytes);
  w.blocks = plan_all_to_all(w, 1, rank.sms).blocks;
  return w;
}

/// One rank's operands of both directions.
class LsaExchange {
 public:
  LsaExchange(device::Gpu& gpu, const NcclRank& rank, const TokenRoutes& routes)
      : gpu_{gpu},
        w_{lsa_world(rank, routes.tokens)},
        slab_{device::slab_of(w_)},
        memory_(rank, static_cast<std::size_t>(slab_.bytes)),
        peers_{memory_.window(), rank.control.rank},
        arrivals_{
            std::ssize(routes.exchange.arrivals[static_cast<std::size_t>(rank.control.rank)])},
        x_(gpu, given_bits(rank.control.rank, routes.tokens * kRowElements), "x"),
        y_(gpu, given_bits(rank.control.rank, std::max<std::int64_t>(1, arrivals_) * kRowElements),
           "y"),
        out_(gpu, size(routes.tokens * kRowElements), "out"),
        chosen_(gpu, routes.choices[static_cast<std::size_t>(rank.control.rank)], "chosen"),
        weights_(gpu, std::vector<float>(size(routes.tokens * kTopK), 1.0F), "weights"),
        counts_(gpu, std::vector<device::i32>{w_.max_tokens}, "token_counts"),
        scales_(gpu, std::vector<float>{0}, "x_scales"),
        slots_(gpu, size(std::int64_t{w_.max_tokens} * w_.units()), "slots"),
        unit_counts_(gpu, size(w_.units()), "unit_counts"),
        expert_counts_(gpu, size(w_.experts), "expert_counts"),
        all_counts_(gpu, size(std::int64_t{w_.ranks()} * w_.units()), "counts"),
        offsets_(gpu, size(w_.ranks() + 1), "receive_offsets"),
        received_(gpu, size(w_.rank_experts()), "received_experts") {
    device::cuda_side::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    rank.control.barrier();  // everybody's flags are zero before somebody raises one
    run(device::launch_place<kLsaWarps>(
        gpu_,
        {.world = w_, .chosen = chosen_.data(), .token_counts = counts_.data(), .handle = handle()},
        1));
    dispatch();  // a combine needs what one leaves
  }

  void dispatch() {
    const device::DispatchArguments arguments{.world = w_,
                                              .slab = slab_,
                                              .epoch = ++dispatches_,
                                              .x = reinterpret_cast<const device::u8*>(x_.data()),
                                              .x_scales = scales_.data(),
                                              .chosen = chosen_.data(),
                                              .weights = weights_.data(),
                                              .token_counts = counts_.data(),
                                              .handle = handle()};
    run(device::launch(gpu_, &device::dispatch<device::LsaPeers, kLsaWarps>,
                       shape("dispatch", device::dispatch_shared_bytes(w_)), arguments, peers_));
  }
  void combine() {
    const device::CombineArguments arguments{.world = w_,
                                             .slab = slab_,
                                             .epoch = ++combines_,
                                             .y = reinterpret_cast<const device::bf16*>(y_.data()),
                                             .out = reinterpret_cast<device::bf16*>(out_.data()),
                                             .token_counts = counts_.data(),
                                             .handle = handle()};
    run(device::launch(gpu_, &device::combine<device::LsaPeers, kLsaWarps>,
                       shape("combine", device::combine_shared_bytes(w_)), arguments, peers_));
  }
  std::vector<std::uint16_t> arrived() const {
    return values_of(memory_.read(slab_.rows.x, arrivals_ * kRowElements));
  }
  std::vector<std::uint16_t> summed() const { return values_of(out_.download()); }

 private:
  static std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }
  static void run(const device::LaunchReport& report) {
    if (!report.ok()) throw std::runtime_error(report.failure);
  }
  /// The CTAs of a rank wait for those of others: all are resident at once.
  device::LaunchShape shape(const char* kernel, int shared_bytes) const {
    return {.kernel = kernel,
            .grid = {static_cast<device::u32>(w_.blocks)},
            .block = {kLsaWarps * device::kWarpLanes},
            .shared_bytes = static_cast<device::u32>(shared_bytes),
            .cooperative = true};
  }
  device::Handle handle() const {
    return {.slots = slots_.data(),
            .unit_counts = unit_counts_.data(),
            .expert_counts = expert_counts_.data(),
            .counts = all_counts_.data(),
            .receive_offsets = offsets_.data(),
            .received_experts = received_.data()};
  }

  device::Gpu& gpu_;
  device::World w_;
  device::Slab slab_;
  SymmetricSlab memory_;
  device::LsaPeers peers_;
  std::int64_t arrivals_;
  device::u32 dispatches_ = 0;
  device::u32 combines_ = 0;
  device::Buffer<std::uint16_t> x_, y_, out_;
  device::Buffer<device::i32> chosen_;
  device::Buffer<float> weights_;
  device::Buffer<device::i32> counts_;
  device::Buffer<float> scales_;
  device::Buffer<device::i32> slots_, unit_counts_, expert_counts_, all_counts_, offsets_,
      received_;
};

/// All ranks call it, and find the same reason not to.
inline std::optional<Attempt> start_exchange(device::Gpu& gpu, const NcclRank& rank,
                                             const CollectiveCase& item, std::string& why) {
  if (ncclTeamLsa(rank.comm).nRanks != rank.control.ranks) {
    why = "its kernels reach GPUs of one node by loads and stores only";
    return std::nullopt;
  }
  const auto it = std::make_shared<LsaExchange>(gpu, rank, token_routes(item, rank.control.ranks));
  const bool outward = item.kind == Collective::kDispatch;
  return Attempt{.sample =
                     [=](int launches) {
                       return timed(rank, launches,
                                    [&] { outward ? it->dispatch() : it->combine(); });
                     },
                 .received = [=] { return outward ? it->arrived() : it->summed(); }};
}

}  // namespace windtunnel::bench
