#include "kernels/device/model/schedule.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "kernels/device/model/copies.h"
#include "kernels/device/model/multiply.h"
#include "kernels/device/model/report.h"
#include "kernels/device/model/text.h"
#include "kernels/device/model/thread.h"
#include "kernels/device/model/thread_index.h"

namespace windtunnel::device::model {

namespace {

thread_local Grid* current_grid = nullptr;

/// Unwinds the thread that failed; nothing else throws it.
struct Stopped {};

constexpr std::size_t kStackBytes = 128 << 10;
constexpr std::size_t kSmallStackBytes = 64 << 10;
constexpr std::size_t kManyThreads = 4096;

Adversary choose_adversary(const ModelOptions& options, Random& random) {
  if (!options.adversarial) return {.stay = 1010, .at_once = true};
  // One launch is one point in (schedule) x (when what is asynchronous lands); 1024 is always.
  constexpr u32 kYield[] = {0, 8, 100, 400};
  constexpr u32 kLand[] = {0, 4, 100, 1024};
  constexpr u32 kStay[] = {0, 512, 900, 1010};
  return {.by_priority = random.below(2) != 0,
          .stay = kStay[random.below(4)],
          .yield = kYield[random.below(4)],
          .land_copies = kLand[random.below(4)],
          .land_loads = kLand[random.below(4)],
          .land_stores = kLand[random.below(4)],
          .elected = random.below(kWarpThreads),
          .at_once = false};
}

/// What a thread must have waited for, whether or not it has landed by luck.
void check_thread_exit(const Thread& thread) {
  if (thread.copies_issued > std::max(thread.own.seen[OwnEpochs::kCopies], thread.copies_covered)) {
    fail("the thread exits with cp.async in flight");
  }
  if (!thread.warp->accumulators.empty()) fail("the thread exits with a wgmma in flight");
  if (thread.bulk_last > thread.own.seen[OwnEpochs::kBulkRead]) {
    fail("the thread exits without waiting for its bulk stores to read shared memory");
  }
}

void enter_thread() {
  Grid& g = grid();
  Thread& thread = self();
  begin_fiber(thread.fiber, g.scheduler);
  try {
    g.body();
    check_thread_exit(thread);
  } catch (const Stopped&) {
    // The report is in the grid; the scheduler sees it.
  }
  thread.done = true;
  thread.ready = false;
  thread.warp->ready &= ~(1U << thread.lane);
  --g.live;
  --thread.cta->live;
  switch_fiber(thread.fiber, g.scheduler, true);
}

std::unique_ptr<Cta> make_cta(Grid& g, u32 index) {
  auto cta = std::make_unique<Cta>();
  const u32 threads = g.agents.threads;
  const u32 warps = g.agents.warps;
  cta->index = index;
  cta->rank = index / (g.cta_count / g.shape.ranks);
  cta->x = index % g.shape.grid[0];
  cta->y = index / g.shape.grid[0] % g.shape.grid[1];
  cta->z = index / g.shape.grid[0] / g.shape.grid[1];
  // Never aligned to more than 16 bytes by luck.
  cta->base = 0x400 + (g.options.adversarial ? 16 * g.random.below(64) : 0);
  cta->shared.assign(g.shape.shared_bytes, static_cast<char>(0xff));
  cta->shadow = std::make_unique<Shadow>(g.shape.shared_bytes,
                                         Shadow::Rules{g.options.races, g.options.definedness});
  cta->threads = std::vector<Thread>(threads);
  cta->warps = std::vector<Warp>(warps);
  cta->wgmma_requests.resize((warps + 3) / 4);
  cta->live = threads;
  const u32 share = std::min(255U, kRegisters / (warps * kWarpThreads)) / 8 * 8;
  for (u32 w = 0; w < warps; ++w) {
    Warp& warp = cta->warps[w];
    warp.id = w;
    warp.cta = cta.get();
    warp.threads = &cta->threads[w * kWarpThreads];
    warp.priority = g.random.below(1 << 20);
    warp.registers = share;
  }
  for (u32 t = 0; t < threads; ++t) {
    Thread& thread = cta->threads[t];
    thread.cta = cta.get();
    thread.warp = &cta->warps[t / kWarpThreads];
    thread.id = t;
    thread.lane = t % kWarpThreads;
    thread.warp->full |= 1U << thread.lane;
    thread.grid_dependency_met = !g.shape.dependent;
    thread.own.agents = {g.agents.thread(t), g.agents.copies(t), g.agents.wgmma(thread.warp->id),
                         g.agents.bulk(t), g.agents.bulk_read(t)};
    thread.own.seen[OwnEpochs::kThread] = 1;
  }
  return cta;
}

void start(Grid& g, Stacks& stacks, Cta& cta, std::size_t first_stack) {
  for (Thread& thread : cta.threads) {
    prepare(thread.fiber, stacks.at(first_stack + thread.id), stacks.bytes(), &enter_thread);
    wake(thread);
  }
  g.live += cta.live;
}

Warp* next_warp(Grid& g) {
  // Warps whose lanes all wait leave the list when they are met.
  const auto drop = [&](Warp* warp) {
    Warp* last = g.ready.back();
    g.ready[static_cast<std::size_t>(warp->ready_at)] = last;
    last->ready_at = warp->ready_at;
    g.ready.pop_back();
    warp->ready_at = -1;
  };
  if (g.last_warp != nullptr && g.last_warp->ready != 0 && g.random.chance(g.adversary.stay)) {
    return g.last_warp;
  }
  Warp* best = nullptr;
  constexpr u32 kLooks = 12;
  const bool by_priority = g.adversary.by_priority && !g.random.chance(2);
  for (u32 look = 0; look < kLooks && !g.ready.empty();) {
    const u32 count = static_cast<u32>(g.ready.size());
    const u32 pick = g.options.adversarial ? g.random.below(count) : look % count;
    Warp* warp = g.ready[pick];
    if (warp->ready == 0) {
      drop(warp);
      continue;
    }
    if (!by_priority) return warp;
    if (best == nullptr || warp->priority > best->priority) best = warp;
    ++look;
  }
  if (best != nullptr && g.random.chance(4)) best->priority = g.random.below(1 << 20);
  return best;
}

/// As next_warp, where ModelOptions::choose says which CTA goes on: of each its first warp that
/// can.
Warp* chosen_warp(Grid& g) {
  std::vector<Warp*> able;
  for (const auto& cta : g.ctas) {
    if (cta == nullptr) continue;
    const auto warp = std::find_if(cta->warps.begin(), cta->warps.end(),
                                   [](const Warp& it) { return it.ready != 0; });
    if (warp != cta->warps.end()) able.push_back(&*warp);
  }
  const bool due = std::exchange(g.choice_due, false);
  const auto own = std::find_if(able.begin(), able.end(), [&](const Warp* it) {
    return g.last_warp != nullptr && it->cta == g.last_warp->cta;
  });
  if (own != able.end()) {
    if (!due) return *own;
    std::rotate(able.begin(), own, own + 1);
  }
  if (able.size() < 2) return able.empty() ? nullptr : able.front();
  return able.at(g.options.choose(static_cast<u32>(able.size())));
}

void resume(Grid& g, Thread& thread) {
  const Cta& cta = *thread.cta;
  threadIdx = {thread.id % g.shape.block[0], thread.id / g.shape.block[0] % g.shape.block[1],
               thread.id / g.shape.block[0] / g.shape.block[1]};
  blockIdx = {cta.x, cta.y, cta.z};
  g.running = &thread;
  ++g.counters.switches;
  switch_fiber(g.scheduler, thread.fiber);
}

Thread& pick_lane(Grid& g, Warp& warp) {
  const u32 turn = g.options.adversarial ? g.random.below(kWarpThreads) : 0;
  const int lane = std::countr_zero(std::rotr(warp.ready, static_cast<int>(turn)));
  return warp.threads[(static_cast<u32>(lane) + turn) % kWarpThreads];
}

/// Runs until every thread of the started CTAs has ended or one has failed.
void run_started(Grid& g) {
  std::uint64_t steps = 0;
  while (g.live > 0 && g.failure.empty()) {
    if (++steps > g.options.step_limit) fail("livelock: the scheduler's step limit is reached");
    land_some(g);
    Warp* warp = g.options.choose ? chosen_warp(g) : next_warp(g);
    if (warp == nullptr) {
      if (land_one(g)) continue;
      g.running = nullptr;
      fail(deadlock());
    }
    g.last_warp = warp;
    resume(g, pick_lane(g, *warp));
    g.running = nullptr;
  }
}

/// What must be so when a CTA has ended.
void check_exit(const Cta& cta) {
  const std::string who = text("CTA ", cta.index, " ends with ");
  for (const auto& it : cta.barriers) {
    if (it->live && it->bytes != 0) {
      fail(text(who, it->bytes, " bytes that mbarrier ", it->number, " still expects"));
    }
    if (it->live && it->pending != it->count) {
      fail(text(who, it->count - it->pending, " stray arrivals on mbarrier ", it->number,
                " (it counts to ", it->count, ", phase ", it->phase, ")"));
    }
  }
  for (u32 i = 0; i < kNamedBarriers; ++i) {
    if (cta.named[i].arrived != 0) {
      fail(text(who, cta.named[i].arrived, " stray arrivals on barrier ", i));
    }
  }
}

void check_loads(const Grid& g) {
  if (g.loads.empty()) return;
  fail(text("CTA ", g.loads[0].cta->index, " ends with ", g.loads.size(),
            " parts of TMA or bulk loads in flight, the first asked for at ",
            g.sites.text(g.loads[0].site)));
}

/// Bulk stores may outlive their thread: global memory gets them before the launch ends.
void finish(Grid& g, const Cta& cta) {
  while (!g.stores.empty()) land_store(g, 0);
  check_exit(cta);
}

void run_ctas(Grid& g, Stacks& stacks, const std::vector<u32>& order, bool together) {
  if (together) {
    for (std::size_t i = 0; i < order.size(); ++i) g.ctas[i] = make_cta(g, static_cast<u32>(i));
    for (const u32 cta : order) start(g, stacks, *g.ctas[cta], cta * g.agents.threads);
    run_started(g);
    if (!g.failure.empty()) return;
    check_loads(g);
    for (const auto& cta : g.ctas) finish(g, *cta);
    return;
  }
  for (const u32 index : order) {
    g.ctas[index] = make_cta(g, index);
    start(g, stacks, *g.ctas[index], 0);
    run_started(g);
    if (!g.failure.empty()) return;
    check_loads(g);
    finish(g, *g.ctas[index]);
    g.ready.clear();
    g.last_warp = nullptr;
    g.copying.clear();
    g.multiplying.clear();
    g.flags.clear();
    g.ctas[index].reset();
  }
}

}  // namespace

Grid& grid() { return *current_grid; }
Grid* set_grid(Grid* grid) { return std::exchange(current_grid, grid); }

void fail(std::string sentence) {
  Grid& g = grid();
  if (g.failure.empty()) g.failure = failure(sentence);
  throw Stopped{};
}

Grid::Grid(const ModelOptions& options_, Memory& memory_, Shape shape_, std::string kernel_,
           std::uint16_t launch_)
    : options{options_},
      memory{memory_},
      shape{shape_},
      kernel{std::move(kernel_)},
      launch{launch_},
      agents{shape.block[0] * shape.block[1] * shape.block[2], 0},
      pool{4 * agents.threads + kMostBarriers + (agents.threads + 31) / kWarpThreads},
      random{options.seed} {
  agents.warps = (agents.threads + kWarpThreads - 1) / kWarpThreads;
  cta_count = shape.grid[0] * shape.grid[1] * shape.grid[2];
  adversary = choose_adversary(options, random);
  ctas.resize(cta_count);
}

void run(Grid& g, Stacks& stacks, bool co_resident) {
  Grid* outer = set_grid(&g);
  blockDim = {g.shape.block[0], g.shape.block[1], g.shape.block[2]};
  gridDim = {g.shape.grid[0], g.shape.grid[1], g.shape.grid[2]};
  const std::size_t fibers = std::size_t{g.agents.threads} * (co_resident ? g.cta_count : 1);
  stacks.reserve(fibers, fibers > kManyThreads ? kSmallStackBytes : kStackBytes);
  std::vector<u32> order(g.cta_count);
  std::iota(order.begin(), order.end(), 0U);
  for (u32 i = g.cta_count; g.options.adversarial && i > 1; --i) {
    std::swap(order[i - 1], order[g.random.below(i)]);
  }
  try {
    run_ctas(g, stacks, order, co_resident);
  } catch (const Stopped&) {
    // The report is in the grid.
  }
  set_grid(outer);
}

}  // namespace windtunnel::device::model
