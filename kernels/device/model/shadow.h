// The shadow of memory: for each 16 bytes who wrote and read them last, and which are defined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/device/model/observer.h"
#include "kernels/device/model/random.h"
#include "kernels/device/model/where.h"

namespace windtunnel::device::model {

/// What an access was, for messages.
enum class Operation : std::uint8_t {
  kLoad,
  kStore,
  kAtomic,
  kLoadMatrix,
  kStoreMatrix,
  kCopyAsync,
  kTmaLoad,
  kBulkLoad,
  kBulkStore,
  kBulkReduce,
  kWgmma,
  kBarrierInit,
};
const char* name_of(Operation operation);

/// A line of a kernel, as a number.
using Site = std::uint32_t;

/// Gives lines numbers and back.
class Sites {
 public:
  Site number(Where where);
  std::string text(Site site) const;

 private:
  std::vector<const char*> files_;
};

/// One access to some bytes of 16.
struct Access {
  Epoch epoch = 0;
  std::uint16_t cta = 0;
  std::uint16_t agent = 0;
  Site site = 0;
  std::uint16_t launch = 0;
  /// Bit i: byte i.
  std::uint16_t bytes = 0;
  Operation operation = Operation::kLoad;
  Strength strength = Strength::kWeak;
  /// By the async proxy.
  bool async = false;
  /// Through the read-only path: no write of the launch may come before or after.
  bool read_only = false;
};

/// What is wrong with an access.
struct Conflict {
  enum class Kind { kNone, kRace, kProxy, kUndefined, kBarrier, kReadOnly } kind = Kind::kNone;
  /// The earlier access; for kUndefined the last write, if any (epoch 0: none).
  Access earlier;
  bool earlier_writes = false;
  std::size_t offset = 0;
  explicit operator bool() const { return kind != Kind::kNone; }
};

/// The shadow of a range of memory that begins at offset 0.
class Shadow {
 public:
  struct Rules {
    bool races = true;
    bool definedness = true;
  };

  Shadow(std::size_t bytes, Rules rules);

  /// Records a read; the first conflict it makes is returned and nothing is recorded then.
  Conflict read(std::size_t offset, std::size_t bytes, Access access, const Observer& observer,
                Random& random);
  /// Records a write; `defines` is false for a copy that lands later.
  Conflict write(std::size_t offset, std::size_t bytes, Access access, const Observer& observer,
                 bool defines);
  void define(std::size_t offset, std::size_t bytes);
  void undefine(std::size_t offset, std::size_t bytes);
  /// Makes every access to the 8 bytes of an mbarrier a conflict, or allows it again.
  void guard(std::size_t offset, bool guarded);

 private:
  static constexpr std::size_t kCellBytes = 16;
  static constexpr std::uint32_t kInlineReads = 2;
  // Of more concurrent readers of the same 16 bytes a random one is forgotten.
  static constexpr std::size_t kMostReads = 12;
  static constexpr std::size_t kMostStrongWrites = 12;

  /// Accesses beyond what a cell holds.
  struct More {
    std::vector<Access> writes;
    std::vector<Access> reads;
  };
  /// One write that covers all, and two reads; anything else makes it `more`.
  struct Cell {
    std::uint16_t defined = 0;
    std::uint8_t reads = 0;
    /// Bit i: bytes 8i to 8i + 7 are an mbarrier.
    std::uint8_t guarded = 0;
    std::uint32_t more = 0;
    Access write;
    Access read[kInlineReads];
  };

  Conflict read_cell(Cell& cell, const Access& access, const Observer& observer, Random& random);
  Conflict write_cell(Cell& cell, const Access& access, const Observer& observer);
  void spill(Cell& cell);
  void unspill(Cell& cell);

  Rules rules_;
  std::unique_ptr<Cell[], void (*)(Cell*)> cells_;
  std::vector<More> more_;
  std::vector<std::uint32_t> free_more_;
};

}  // namespace windtunnel::device::model
