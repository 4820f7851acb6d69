#include "kernels/device/model/wgmma.h"

#include <algorithm>
#include <cstring>

#include "kernels/device/model/address.h"
#include "kernels/device/model/meeting.h"
#include "kernels/device/model/multiply.h"
#include "kernels/device/model/text.h"

namespace windtunnel::device {

namespace model {

namespace {

// A NaN that no computation makes: what an accumulator in flight holds.
constexpr u32 kPoison = 0x7fa5c3e1;
constexpr u32 kWarpgroupWarps = 4;

Warp* warpgroup_of(Warp& warp) {
  return &warp.cta->warps[warp.id / kWarpgroupWarps * kWarpgroupWarps];
}

bool is_poison(float value) { return bits_of(value) == kPoison; }

/// Fails where somebody wrote to an accumulator that belongs to a wgmma in flight.
void check_poison(const Accumulator& it) {
  for (u32 lane = 0; lane < kWarpThreads; ++lane) {
    for (int i = 0; i < it.count; ++i) {
      if (!is_poison(it.registers[lane][i])) {
        fail(text("accumulator register ", i, " of lane ", lane,
                  " was written while a wgmma was in flight"));
      }
    }
  }
}

float& value_of(Accumulator& it, u32 lane, int i) {
  const Cell2 at = accumulator_cell(static_cast<int>(lane), i);
  return it.values[static_cast<std::size_t>(at.row * it.count * 2 + at.column)];
}

/// Takes the accumulator's values over and leaves poison in the caller's registers.
Accumulator& take_over(Warp& warp, int count) {
  auto made = std::make_unique<Accumulator>();
  made->count = count;
  made->values.resize(static_cast<std::size_t>(count) * kWarpThreads);
  const float poison = float_of(kPoison);
  for (u32 lane = 0; lane < kWarpThreads; ++lane) {
    float* registers = argument_of<const WgmmaCall>(warp, lane).accumulator;
    made->registers[lane] = registers;
    for (int i = 0; i < count; ++i) {
      value_of(*made, lane, i) = registers[i];
      std::memcpy(registers + i, &poison, sizeof poison);
    }
  }
  warp.accumulators.push_back(std::move(made));
  return *warp.accumulators.back();
}

Accumulator& accumulator_of(Warp& warp, const WgmmaCall& call) {
  for (const auto& it : warp.accumulators) {
    if (it->registers[0] != call.accumulator) continue;
    if (it->count != call.n / 2) fail("wgmma: another shape on an accumulator in flight");
    check_poison(*it);
    return *it;
  }
  if (!warp.fenced) {
    fail("wgmma without a wgmma_fence since its registers could be touched");
  }
  return take_over(warp, call.n / 2);
}

void give_back(Accumulator& it) {
  check_poison(it);
  for (u32 lane = 0; lane < kWarpThreads; ++lane) {
    for (int i = 0; i < it.count; ++i) it.registers[lane][i] = value_of(it, lane, i);
  }
}

void check_lanes(Warp& warp, const WgmmaCall& first) {
  for (u32 lane = 1; lane < kWarpThreads; ++lane) {
    const auto& it = argument_of<const WgmmaCall>(warp, lane);
    if (it.a != first.a || it.b != first.b || it.accumulate != first.accumulate) {
      fail(text("wgmma: lane ", lane, " passes other operands than lane 0"));
    }
  }
}

/// The four warps of a warpgroup must ask for the same product, each in turn.
void check_warpgroup(Warp& warp, const WgmmaCall& call) {
  u64 request = 0xcbf29ce484222325U;
  for (const u64 part :
       {call.a, call.b, static_cast<u64>(call.n), static_cast<u64>(call.element),
        static_cast<u64>(call.a_k_major), static_cast<u64>(call.b_k_major),
        static_cast<u64>(call.accumulate), static_cast<u64>(call.a_registers != nullptr)}) {
    request = (request ^ part) * 0x9e3779b97f4a7c15U;
    request ^= request >> 29;
  }
  std::vector<u64>& requests = warp.cta->wgmma_requests[warp.id / kWarpgroupWarps];
  if (warp.issued == requests.size()) {
    requests.push_back(request);
  } else if (requests[warp.issued] != request) {
    fail("wgmma: the warps of the warpgroup disagree on operands or shape");
  }
}

/// Records the 16-byte pieces of an operand that the warp's wgmma will read.
void read_operand(Warp& warp, u64 descriptor, bool k_major, const WgmmaShape& shape, int first,
                  int count, const Access& access, const Observer& observer) {
  if ((descriptor >> 49 & 7U) != 0) fail("wgmma: the model knows no base offset");
  const MatrixDescriptor d = decode(descriptor);
  const Major major = k_major ? Major::kK : Major::kMn;
  const int chunk = 16 / shape.element;
  for (int mn = first; mn < first + count; mn += k_major ? 1 : chunk) {
    for (int k = 0; k < shape.k; k += k_major ? chunk : 1) {
      const u32 address = operand_address(d, major, static_cast<u32>(mn), static_cast<u32>(k),
                                          static_cast<u32>(shape.element));
      shared_bytes(*warp.cta, address, 16, 16, "wgmma operand");
      read_shared(*warp.cta, address, 16, access, observer);
    }
  }
}

void record_reads(Warp& warp, const Wgmma& it) {
  Gathered all;
  for (u32 lane = 0; lane < kWarpThreads; ++lane) gather(all, warp.threads[lane], false);
  const Observer observer = observer_of(warp, all.knowledge);
  Access access = plain_access(self(), Operation::kWgmma);
  access.agent = grid().agents.wgmma(warp.id);
  access.epoch = it.group + 1;
  access.async = true;
  if (!it.shape.a_in_registers) {
    const int first = static_cast<int>(warp.id % kWarpgroupWarps) * 16;
    read_operand(warp, it.a, it.shape.a_k_major, it.shape, first, 16, access, observer);
  }
  read_operand(warp, it.b, it.shape.b_k_major, it.shape, 0, it.shape.n, access, observer);
}

void list_as_multiplying(Warp& warp) {
  if (warp.listed_as_multiplying) return;
  warp.listed_as_multiplying = true;
  grid().multiplying.push_back(&warp);
}

void issue(Warp& warp, const WgmmaCall& call) {
  if (warp.full != kAllLanes ||
      warpgroup_of(warp) + kWarpgroupWarps > warp.cta->warps.data() + warp.cta->warps.size()) {
    fail("wgmma: the warpgroup has fewer than 128 threads");
  }
  check_lanes(warp, call);
  check_warpgroup(warp, call);
  Wgmma it;
  it.shape = {call.n,         32 / call.element, call.element, call.a_registers != nullptr,
              call.a_k_major, call.b_k_major};
  it.a = call.a;
  it.b = call.b;
  it.accumulate = call.accumulate;
  it.group = warp.groups;
  it.sequence = warp.issued++;
  it.site = grid().sites.number(self().where);
  it.accumulator = &accumulator_of(warp, call);
  it.accumulator->group = warp.groups;
  for (u32 lane = 0; it.shape.a_in_registers && lane < kWarpThreads; ++lane) {
    it.a_registers[lane] = argument_of<const WgmmaCall>(warp, lane).a_registers;
    std::memcpy(it.a_values[lane].data(), it.a_registers[lane], sizeof it.a_values[lane]);
  }
  record_reads(warp, it);
  warp.wgmmas.push_back(it);
  list_as_multiplying(warp);
  if (grid().adversary.at_once) land_wgmma(warp);
}

/// Whether every warp of the warpgroup has committed as many groups as `groups`.
bool all_committed(Warp& warp, u32 groups) {
  const Warp* first = warpgroup_of(warp);
  return std::all_of(first, first + kWarpgroupWarps,
                     [&](const Warp& it) { return it.groups >= groups; });
}

bool completes_together() {
  return grid().options.wgmma_completion == WgmmaCompletion::kPerWarpgroup;
}

void finish_groups(Warp& warp, u32 done) {
  while (!warp.wgmmas.empty() && warp.wgmmas.front().group < done) land_wgmma(warp);
}

/// What the lanes know after a wait: that the warp's products have read their operands; with
/// completion per warpgroup, the other warps' too.
void learn(Warp& warp, u32 done) {
  Grid& g = grid();
  for (u32 lane = 0; lane < kWarpThreads; ++lane) {
    Epoch& known = warp.threads[lane].own.seen[OwnEpochs::kWgmma];
    known = std::max(known, done);
  }
  if (!completes_together()) return;
  const BlockRef block = g.pool.copy(BlockRef{});
  const Warp* first = warpgroup_of(warp);
  for (u32 i = 0; i < kWarpgroupWarps; ++i) {
    BlockPool::raise(*block.get(), g.agents.wgmma(first[i].id), done);
  }
  for (u32 lane = 0; lane < kWarpThreads; ++lane) {
    BlockRef& own = warp.threads[lane].knowledge.seen.own;
    own = g.pool.join(own, block);
  }
}

void finish(Warp& warp, u32 pending, const std::initializer_list<Named>& named) {
  const u32 done = warp.groups > pending ? warp.groups - pending : 0;
  finish_groups(warp, done);
  if (completes_together()) {
    Warp* first = warpgroup_of(warp);
    for (u32 i = 0; i < kWarpgroupWarps; ++i) finish_groups(first[i], done);
  }
  std::erase_if(warp.accumulators, [&](const std::unique_ptr<Accumulator>& it) {
    if (it->group >= done) return false;
    const bool is_named = std::any_of(named.begin(), named.end(), [&](const Named& one) {
      return one.registers == it->registers[self().lane];
    });
    if (!is_named) {
      fail(
          "wgmma_wait completes an accumulator that it does not name (a compiler may read it "
          "before the wait)");
    }
    give_back(*it);
    return true;
  });
  learn(warp, done);
  warp.fenced = false;
}

}  // namespace

void issue_wgmma(const WgmmaCall& call, Where where) {
  WgmmaCall own = call;
  together(Wait::kWgmma, kAllLanes, &own, where,
           [](Warp& warp) { issue(warp, argument_of<const WgmmaCall>(warp, 0)); });
}

void await_wgmma(u32 pending, std::initializer_list<Named> named, Where where) {
  self().where = where;
  Warp& warp = *self().warp;
  while (completes_together() && warp.groups > pending &&
         !all_committed(warp, warp.groups - pending)) {
    warp.cta->waiting_for_warpgroup.push_back(&self());
    block(Wait::kWgmmaWait);
  }
  together(Wait::kWgmmaWait, kAllLanes, nullptr, where,
           [&](Warp& it) { finish(it, pending, named); });
}

}  // namespace model

void wgmma_fence(model::Where where) {
  model::together(model::Wait::kWgmmaFence, model::kAllLanes, nullptr, where,
                  [](model::Warp& warp) { warp.fenced = true; });
}

void wgmma_commit(model::Where where) {
  model::together(model::Wait::kWgmmaCommit, model::kAllLanes, nullptr, where,
                  [](model::Warp& warp) {
                    ++warp.groups;
                    for (model::Thread* it : warp.cta->waiting_for_warpgroup) model::wake(*it);
                    warp.cta->waiting_for_warpgroup.clear();
                  });
}

}  // namespace windtunnel::device
