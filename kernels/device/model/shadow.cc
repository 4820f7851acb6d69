#include "kernels/device/model/shadow.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "kernels/device/model/text.h"

namespace windtunnel::device::model {

namespace {

constexpr std::uint16_t kWhole = 0xffff;
constexpr int kLineBits = 20;

/// The part of [offset, offset + bytes) in the cell that begins at `begin`, as a mask.
std::uint16_t mask_of(std::size_t begin, std::size_t offset, std::size_t bytes) {
  const std::size_t from = offset > begin ? offset - begin : 0;
  const std::size_t to = std::min<std::size_t>(16, offset + bytes - begin);
  return static_cast<std::uint16_t>(((1U << to) - 1) & ~((1U << from) - 1));
}

bool ordered(const Access& earlier, const Observer& observer, bool by_proxy) {
  return observer.ordered(earlier.launch, earlier.cta, earlier.agent, earlier.epoch, by_proxy);
}

bool harmless(const Access& earlier, const Access& now, const Observer& observer) {
  return earlier.strength != Strength::kWeak && now.strength != Strength::kWeak &&
         observer.reaches(earlier.strength, earlier.cta, now.strength, now.cta);
}

/// How `earlier`, a write, and `now` get along.
Conflict after_write(const Access& earlier, const Access& now, const Observer& observer) {
  if ((earlier.bytes & now.bytes) == 0 || harmless(earlier, now, observer)) return {};
  if (now.read_only && earlier.launch == now.launch) {
    return {Conflict::Kind::kReadOnly, earlier, true, 0};
  }
  const bool by_proxy = now.async && !earlier.async;
  if (ordered(earlier, observer, by_proxy)) return {};
  const bool only_proxy = by_proxy && ordered(earlier, observer, false);
  return {only_proxy ? Conflict::Kind::kProxy : Conflict::Kind::kRace, earlier, true, 0};
}

/// Whether `access` touches an mbarrier of its 16 bytes.
Conflict touches_barrier(std::uint8_t guarded, const Access& access, const Access& last) {
  const bool low = (guarded & 1U) != 0 && (access.bytes & 0xffU) != 0;
  const bool high = (guarded & 2U) != 0 && (access.bytes & 0xff00U) != 0;
  if (!low && !high) return {};
  return {Conflict::Kind::kBarrier, last, true, 0};
}

Conflict after_read(const Access& earlier, const Access& now, const Observer& observer) {
  if ((earlier.bytes & now.bytes) == 0 || harmless(earlier, now, observer)) return {};
  if (earlier.read_only && earlier.launch == now.launch) {
    return {Conflict::Kind::kReadOnly, earlier, false, 0};
  }
  if (ordered(earlier, observer, false)) return {};
  return {Conflict::Kind::kRace, earlier, false, 0};
}

bool covers(const Access& now, const Access& earlier) { return (earlier.bytes & ~now.bytes) == 0; }

}  // namespace

const char* name_of(Operation operation) {
  switch (operation) {
    case Operation::kLoad:
      return "load";
    case Operation::kStore:
      return "store";
    case Operation::kAtomic:
      return "atomic";
    case Operation::kLoadMatrix:
      return "ldmatrix";
    case Operation::kStoreMatrix:
      return "stmatrix";
    case Operation::kCopyAsync:
      return "cp.async";
    case Operation::kTmaLoad:
      return "TMA load";
    case Operation::kBulkLoad:
      return "bulk load";
    case Operation::kBulkStore:
      return "bulk store";
    case Operation::kBulkReduce:
      return "bulk reduce";
    case Operation::kWgmma:
      return "wgmma";
    case Operation::kBarrierInit:
      return "mbarrier.init";
  }
  return "access";
}

Site Sites::number(Where where) {
  std::size_t file = 0;
  while (file < files_.size() && files_[file] != where.file) ++file;
  if (file == files_.size()) files_.push_back(where.file);
  return static_cast<Site>(file << kLineBits) | static_cast<Site>(where.line);
}

std::string Sites::text(Site site) const {
  const std::size_t file = site >> kLineBits;
  if (file >= files_.size()) return "?";
  return model::text(files_[file], ":", site & ((1U << kLineBits) - 1));
}

// Zeroed pages cost nothing until they are touched, so a large buffer may be mostly shadowless.
Shadow::Shadow(std::size_t bytes, Rules rules)
    : rules_{rules}, cells_{nullptr, [](Cell* cells) { std::free(cells); }}, more_(1) {
  const std::size_t cells = bytes / kCellBytes + 1;
  cells_.reset(static_cast<Cell*>(std::calloc(cells, sizeof(Cell))));
  if (cells_ == nullptr) throw std::bad_alloc();
}

void Shadow::spill(Cell& cell) {
  if (cell.more != 0) return;
  if (free_more_.empty()) {
    free_more_.push_back(static_cast<std::uint32_t>(more_.size()));
    more_.emplace_back();
  }
  cell.more = free_more_.back();
  free_more_.pop_back();
  More& more = more_[cell.more];
  more.writes.clear();
  if (cell.write.epoch != 0) more.writes.push_back(cell.write);
  more.reads.assign(cell.read, cell.read + cell.reads);
}

void Shadow::unspill(Cell& cell) {
  if (cell.more != 0) free_more_.push_back(cell.more);
  cell.more = 0;
}

Conflict Shadow::read_cell(Cell& cell, const Access& access, const Observer& observer,
                           Random& random) {
  if (cell.guarded != 0) {
    if (const Conflict it = touches_barrier(cell.guarded, access, cell.write)) return it;
  }
  if (rules_.races) {
    if (cell.more == 0) {
      if (cell.write.epoch != 0) {
        if (const Conflict it = after_write(cell.write, access, observer)) return it;
      }
    } else {
      for (const Access& write : more_[cell.more].writes) {
        if (const Conflict it = after_write(write, access, observer)) return it;
      }
    }
  }
  if (rules_.definedness && (access.bytes & ~cell.defined) != 0) {
    Conflict undefined{Conflict::Kind::kUndefined, cell.write, true, 0};
    if (cell.more != 0) {
      undefined.earlier = Access{};
      for (const Access& it : more_[cell.more].writes) {
        if ((it.bytes & access.bytes & ~cell.defined) != 0) undefined.earlier = it;
      }
    }
    return undefined;
  }
  if (!rules_.races) return {};
  const auto replaces = [&](const Access& it) {
    return covers(access, it) && access.read_only >= it.read_only &&
           (it.agent == access.agent && it.cta == access.cta ? true : ordered(it, observer, false));
  };
  if (cell.more == 0) {
    for (std::uint32_t i = 0; i < cell.reads; ++i) {
      if (replaces(cell.read[i])) {
        cell.read[i] = access;
        return {};
      }
    }
    if (cell.reads < kInlineReads) {
      cell.read[cell.reads++] = access;
      return {};
    }
    spill(cell);
  }
  std::vector<Access>& reads = more_[cell.more].reads;
  const auto old = std::find_if(reads.begin(), reads.end(), replaces);
  if (old != reads.end()) {
    *old = access;
  } else if (reads.size() < kMostReads) {
    reads.push_back(access);
  } else {
    reads[random.below(kMostReads)] = access;
  }
  return {};
}

Conflict Shadow::write_cell(Cell& cell, const Access& access, const Observer& observer) {
  const auto check = [&](auto first, auto last, auto rule) -> Conflict {
    for (; first != last; ++first) {
      if (const Conflict it = rule(*first, access, observer)) return it;
    }
    return {};
  };
  if (cell.more == 0) {
    if (cell.write.epoch != 0) {
      if (const Conflict it = after_write(cell.write, access, observer)) return it;
    }
    if (const Conflict it = check(cell.read, cell.read + cell.reads, after_read)) return it;
    const bool alone = cell.write.epoch == 0 || access.strength == Strength::kWeak ||
                       ordered(cell.write, observer, false);
    if (alone && access.bytes == kWhole) {
      cell.write = access;
      cell.reads = 0;
      return {};
    }
    spill(cell);
  }
  More& more = more_[cell.more];
  if (const Conflict it = check(more.writes.begin(), more.writes.end(), after_write)) return it;
  if (const Conflict it = check(more.reads.begin(), more.reads.end(), after_read)) return it;
  if (access.bytes == kWhole && access.strength == Strength::kWeak) {
    unspill(cell);
    cell.write = access;
    cell.reads = 0;
    return {};
  }
  // What this write follows is forgotten; strong writes that nothing orders stay side by side.
  const auto forget = [&](std::vector<Access>& accesses) {
    for (Access& it : accesses) {
      const bool follows = access.strength == Strength::kWeak || ordered(it, observer, false) ||
                           (it.agent == access.agent && it.cta == access.cta);
      if (follows) it.bytes = static_cast<std::uint16_t>(it.bytes & ~access.bytes);
    }
    std::erase_if(accesses, [](const Access& it) { return it.bytes == 0; });
  };
  forget(more.writes);
  forget(more.reads);
  if (more.writes.size() >= kMostStrongWrites + kCellBytes) more.writes.erase(more.writes.begin());
  more.writes.push_back(access);
  return {};
}

Conflict Shadow::read(std::size_t offset, std::size_t bytes, Access access,
                      const Observer& observer, Random& random) {
  for (std::size_t at = offset / kCellBytes * kCellBytes; at < offset + bytes; at += kCellBytes) {
    access.bytes = mask_of(at, offset, bytes);
    Conflict it = read_cell(cells_[at / kCellBytes], access, observer, random);
    if (it) {
      it.offset = std::max(at, offset);
      return it;
    }
  }
  return {};
}

Conflict Shadow::write(std::size_t offset, std::size_t bytes, Access access,
                       const Observer& observer, bool defines) {
  for (std::size_t at = offset / kCellBytes * kCellBytes; at < offset + bytes; at += kCellBytes) {
    access.bytes = mask_of(at, offset, bytes);
    Cell& cell = cells_[at / kCellBytes];
    if (cell.guarded != 0) {
      Conflict it = touches_barrier(cell.guarded, access, cell.write);
      it.offset = std::max(at, offset);
      if (it) return it;
    }
    if (rules_.races) {
      Conflict it = write_cell(cell, access, observer);
      if (it) {
        it.offset = std::max(at, offset);
        return it;
      }
    } else {
      cell.write = access;
    }
    const auto mask = access.bytes;
    cell.defined = static_cast<std::uint16_t>(defines ? cell.defined | mask : cell.defined & ~mask);
  }
  return {};
}

void Shadow::guard(std::size_t offset, bool guarded) {
  std::uint8_t& mask = cells_[offset / kCellBytes].guarded;
  const unsigned bit = 1U << (offset / 8 % 2);
  mask = static_cast<std::uint8_t>(guarded ? mask | bit : mask & ~bit);
}

void Shadow::define(std::size_t offset, std::size_t bytes) {
  for (std::size_t at = offset / kCellBytes * kCellBytes; at < offset + bytes; at += kCellBytes) {
    std::uint16_t& defined = cells_[at / kCellBytes].defined;
    defined = static_cast<std::uint16_t>(defined | mask_of(at, offset, bytes));
  }
}

void Shadow::undefine(std::size_t offset, std::size_t bytes) {
  for (std::size_t at = offset / kCellBytes * kCellBytes; at < offset + bytes; at += kCellBytes) {
    std::uint16_t& defined = cells_[at / kCellBytes].defined;
    defined = static_cast<std::uint16_t>(defined & ~mask_of(at, offset, bytes));
  }
}

}  // namespace windtunnel::device::model
