// The state of a launch: threads, warps, CTAs, what is in flight, and who runs now.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernels/device/model/clock.h"
#include "kernels/device/model/fiber.h"
#include "kernels/device/model/memory.h"
#include "kernels/device/model/options.h"
#include "kernels/device/model/random.h"
#include "kernels/device/model/shadow.h"
#include "kernels/device/model/where.h"
#include "kernels/device/tensor_map.h"
#include "kernels/device/types.h"

namespace windtunnel::device::model {

constexpr std::uint32_t kWarpThreads = 32;
constexpr std::uint32_t kMostBarriers = 64;
constexpr std::uint32_t kNamedBarriers = 16;
constexpr std::uint32_t kRegisters = 65536;

/// What a thread waits in, or a warp's threads meet in.
enum class Wait : std::uint8_t {
  kNothing,
  kSyncwarp,
  kShuffle,
  kVote,
  kElect,
  kLoadMatrix,
  kStoreMatrix,
  kMma,
  kWgmmaFence,
  kWgmma,
  kWgmmaCommit,
  kWgmmaWait,
  kSetRegisters,
  kMbarrier,
  kBarrier,
  kFlag,
};
const char* name_of(Wait wait);

/// Agents of a CTA and their numbers in its blocks. Those that most kernels use come first.
struct Agents {
  std::uint32_t threads;
  std::uint32_t warps;

  std::uint16_t thread(std::uint32_t t) const { return static_cast<std::uint16_t>(t); }
  /// The TMA and bulk loads that an mbarrier counts; its epochs are phases.
  std::uint16_t barrier(std::uint32_t b) const { return static_cast<std::uint16_t>(threads + b); }
  std::uint16_t wgmma(std::uint32_t w) const {
    return static_cast<std::uint16_t>(threads + kMostBarriers + w);
  }
  std::uint16_t copies(std::uint32_t t) const {
    return static_cast<std::uint16_t>(threads + kMostBarriers + warps + t);
  }
  std::uint16_t bulk(std::uint32_t t) const {
    return static_cast<std::uint16_t>(copies(t) + threads);
  }
  /// The reads of shared memory by bulk stores, which end before their writes do.
  std::uint16_t bulk_read(std::uint32_t t) const {
    return static_cast<std::uint16_t>(bulk(t) + threads);
  }
  std::uint32_t count() const { return 4 * threads + kMostBarriers + warps; }
  std::string name(std::uint16_t agent) const;
};

/// Sums up clocks: of the arrivals at a barrier, or of a warp's lanes.
struct Gathered {
  Knowledge knowledge;
  /// The blocks joined last: the next arrival often brings the same ones.
  BlockRef last_seen, last_async;
  bool any = false;
};

/// A clock that was released, by an agent of `cta`.
struct Released {
  std::uint32_t cta = 0;
  Strength strength = Strength::kWeak;
  std::shared_ptr<const Knowledge> knowledge;
};

struct CopyInFlight {
  u32 to;
  const char* from;
  u32 bytes;
  u32 size;
  u32 number;
};

/// An mbarrier arrival that waits for a thread's earlier cp.async.
struct ArrivalInFlight {
  u32 barrier;
  u32 after;
  Knowledge knowledge;
};

struct Thread {
  Fiber fiber;
  struct Cta* cta = nullptr;
  struct Warp* warp = nullptr;
  u32 id = 0;
  u32 lane = 0;
  bool ready = false;
  bool done = false;

  Wait wait = Wait::kNothing;
  u32 wait_address = 0;
  u32 wait_parity = 0;
  const void* wait_flag = nullptr;
  Where where{"", 0};

  Knowledge knowledge;
  OwnEpochs own;
  /// What the last fence released, and what relaxed loads brought that a fence may yet acquire.
  Released fenced;
  std::vector<Released> pending;

  std::vector<CopyInFlight> copies_in_flight;
  std::vector<ArrivalInFlight> arrivals_in_flight;
  u32 copies_issued = 0;
  /// The last copy that an mbarrier arrival of the thread covers, so that others wait for it.
  u32 copies_covered = 0;
  bool listed_as_copying = false;
  std::vector<u32> copy_groups;
  /// Bulk stores: groups committed so far.
  u32 bulk_groups = 0;
  /// One past the last group that has any.
  u32 bulk_last = 0;
  /// What a strong load read last: a loop around it must let others run.
  const void* polled = nullptr;
  bool grid_dependency_met = true;
};

/// An accumulator of a wgmma in flight: the registers of 32 lanes, and their true values.
struct Accumulator {
  std::array<float*, kWarpThreads> registers;
  int count = 0;
  u32 group = 0;
  std::vector<float> values;
};

struct WgmmaShape {
  int n = 0;
  /// Elements of k, and their bytes.
  int k = 0;
  int element = 0;
  bool a_in_registers = false;
  bool a_k_major = true;
  bool b_k_major = true;
  friend bool operator==(const WgmmaShape&, const WgmmaShape&) = default;
};

struct Wgmma {
  WgmmaShape shape;
  u64 a = 0;
  u64 b = 0;
  bool accumulate = false;
  std::array<const u32*, kWarpThreads> a_registers{};
  std::array<std::array<u32, 4>, kWarpThreads> a_values{};
  u32 group = 0;
  u32 sequence = 0;
  Accumulator* accumulator = nullptr;
  Site site = 0;
};

/// Lanes that wait for the others of `mask` to come to the same operation.
struct Meeting {
  Wait kind;
  u32 mask;
  u32 arrived;
  Where where;
};

struct Warp {
  u32 id = 0;
  struct Cta* cta = nullptr;
  Thread* threads = nullptr;
  u32 full = 0;
  u32 ready = 0;
  /// Place among the grid's ready warps, or -1.
  int ready_at = -1;
  u32 priority = 0;
  std::vector<Meeting> meetings;
  std::array<void*, kWarpThreads> arguments{};

  std::deque<Wgmma> wgmmas;
  std::vector<std::unique_ptr<Accumulator>> accumulators;
  bool fenced = false;
  u32 groups = 0;
  u32 issued = 0;
  u32 landed = 0;
  u32 registers = 0;
  bool listed_as_multiplying = false;
};

struct Mbarrier {
  u32 address = 0;
  u32 number = 0;
  u32 count = 0;
  u32 pending = 0;
  std::int64_t bytes = 0;
  u32 phase = 0;
  bool live = true;
  Gathered arrivals;
  Released completed;
  std::vector<Thread*> waiting;
  Access initialising;
  /// Whether fence_mbarrier_init has made the initialisation visible to the async proxy.
  bool fenced = false;
};

struct NamedBarrier {
  u32 expected = 0;
  u32 arrived = 0;
  Gathered arrivals;
  std::vector<Thread*> waiting;
  /// Of syncthreads_and and its like.
  u32 votes = 0;
  u32 result = 0;
};

/// A row of a load that has yet to land: bytes from global memory (none: zeros) to shared memory.
struct Row {
  const char* from;
  u32 to;
  u32 skipped;
  u32 copied;
  u32 bytes;
  Swizzle swizzle;
};

/// A part of a TMA or bulk load, counted by an mbarrier.
struct LoadInFlight {
  struct Cta* cta = nullptr;
  Mbarrier* barrier = nullptr;
  u32 phase = 0;
  std::vector<Row> rows;
  Site site = 0;
};

/// A row of a bulk store or reduction: shared memory is read first, global memory written later.
struct StoreInFlight {
  Thread* thread = nullptr;
  u32 group = 0;
  bool reduces = false;
  Element element = Element::kF32;
  char* to = nullptr;
  u32 from = 0;
  u32 bytes = 0;
  Swizzle swizzle = Swizzle::kNone;
  bool was_read = false;
  std::array<char, 1024> data{};
};

struct Cta {
  u32 index = 0;
  u32 rank = 0;
  u32 x = 0, y = 0, z = 0;
  u32 base = 0;
  std::vector<char> shared;
  std::unique_ptr<Shadow> shadow;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::vector<std::unique_ptr<Mbarrier>> barriers;
  std::array<NamedBarrier, kNamedBarriers> named;
  /// What each wgmma of a warpgroup was asked to do by the warp that came first.
  std::vector<std::vector<u64>> wgmma_requests;
  u32 live = 0;
  /// Given back by setmaxnreg: what a launch leaves over nobody can have.
  std::int64_t free_registers = 0;
  std::vector<Thread*> waiting_for_registers;
  std::vector<Thread*> waiting_for_warpgroup;
};

/// The adversary of one launch: how often it does what.
struct Adversary {
  bool by_priority = false;
  u32 stay = 0;
  u32 yield = 0;
  u32 land_copies = 0;
  u32 land_loads = 0;
  u32 land_stores = 0;
  u32 elected = 0;
  bool at_once = false;
};

/// What a launch did, in numbers.
struct Counters {
  std::uint64_t switches = 0;
  std::uint64_t landings = 0;
  std::uint64_t meetings = 0;
  std::uint64_t bank_conflicts = 0;
};

struct Shape {
  u32 grid[3];
  u32 block[3];
  u32 shared_bytes;
  u32 ranks;
  bool dependent;
};

/// One launch under way.
struct Grid {
  Grid(const ModelOptions& options_, Memory& memory_, Shape shape_, std::string kernel_,
       std::uint16_t launch_);

  const ModelOptions& options;
  Memory& memory;
  Shape shape;
  std::string kernel;
  std::uint16_t launch;
  std::function<void()> body;

  Agents agents;
  BlockPool pool;
  Random random;
  Adversary adversary;
  Sites sites;
  std::vector<std::unique_ptr<Cta>> ctas;
  u32 cta_count = 0;
  std::vector<Warp*> ready;
  Warp* last_warp = nullptr;
  /// The running CTA is about to change a flag: ModelOptions::choose is due.
  bool choice_due = false;
  Thread* running = nullptr;
  Fiber scheduler;
  u32 live = 0;

  std::vector<LoadInFlight> loads;
  std::vector<StoreInFlight> stores;
  std::vector<Thread*> copying;
  std::vector<Warp*> multiplying;
  /// What release operations left at an address of global memory, and who waits for it to change.
  std::map<const void*, std::vector<Released>> released;
  std::map<const void*, std::vector<Thread*>> flags;

  std::string failure;
  Counters counters;
};

/// The launch that the calling OS thread is running: fibers find their world here.
Grid& grid();
Grid* set_grid(Grid* grid);
inline Thread& self() { return *grid().running; }

/// Ends the launch with this sentence; the thread that runs is named in the report.
[[noreturn]] void fail(std::string sentence);

}  // namespace windtunnel::device::model
