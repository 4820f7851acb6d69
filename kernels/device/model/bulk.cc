#include "kernels/device/model/bulk.h"

#include <algorithm>
#include <cstring>

#include "kernels/device/model/address.h"
#include "kernels/device/model/copies.h"
#include "kernels/device/model/mbarrier.h"
#include "kernels/device/model/text.h"

namespace windtunnel::device {

namespace model {

namespace {

u32 box_rows(const TensorMap& map) {
  u32 rows = 1;
  for (u32 i = 1; i < map.rank; ++i) rows *= map.box[i];
  return rows;
}

/// Row `row` of the box at `at`: which bytes of it lie in the tensor, and where.
Row tensor_row(const TensorMap& map, const int* at, u32 row, u32 shared) {
  const u32 element = element_bytes(map.element);
  const u32 bytes = map.box[0] * element;
  Row made{nullptr, shared + row * bytes, 0, 0, bytes, map.swizzle};
  const char* from = static_cast<const char*>(map.base);
  u32 rest = row;
  for (u32 i = 1; i < map.rank; ++i) {
    const std::int64_t index = std::int64_t{at[i]} + rest % map.box[i];
    rest /= map.box[i];
    if (index < 0 || index >= static_cast<std::int64_t>(map.extents[i])) return made;
    from += index * static_cast<std::int64_t>(map.strides[i]);
  }
  const std::int64_t extent = static_cast<std::int64_t>(map.extents[0]);
  const std::int64_t first = std::max<std::int64_t>(at[0], 0);
  const std::int64_t last = std::min<std::int64_t>(std::int64_t{at[0]} + map.box[0], extent);
  if (first >= last) return made;
  made.from = from + first * element;
  made.skipped = static_cast<u32>(first - at[0]) * element;
  made.copied = static_cast<u32>(last - first) * element;
  return made;
}

void check_tensor(const TensorMap& map, u32 shared, int rank, const char* what) {
  const Cta& cta = *self().cta;
  if (static_cast<u32>(rank) != map.rank) {
    fail(text(what, ": ", rank, " coordinates for a tensor of ", map.rank, " dimensions"));
  }
  const u32 bytes = box_rows(map) * map.box[0] * element_bytes(map.element);
  const u32 alignment =
      std::max(128U, map.swizzle == Swizzle::kNone ? 128U : swizzle_period(map.swizzle));
  shared_bytes(cta, shared, bytes, alignment, what);
}

Access async_access(const Thread& thread, Operation operation) {
  Access access = plain_access(thread, operation);
  access.async = true;
  return access;
}

/// Copies bytes between a row as it is in global memory and its place in swizzled shared memory.
void copy_swizzled(char* shared, u32 base, u32 to, u32 bytes, Swizzle swizzle, char* plain,
                   bool into_shared) {
  for (u32 done = 0; done < bytes;) {
    const u32 address = to + done;
    const u32 piece = std::min(bytes - done, 16 - address % 16);
    char* place = shared + (swizzled(address, swizzle) - base);
    std::memcpy(into_shared ? place : plain + done, into_shared ? plain + done : place, piece);
    done += piece;
  }
}

void land_row(Cta& cta, const Row& row) {
  alignas(16) char bytes[1024] = {};
  if (row.copied > 0) std::memcpy(bytes + row.skipped, row.from, row.copied);
  copy_swizzled(cta.shared.data(), cta.base, row.to, row.bytes, row.swizzle, bytes, true);
}

/// Splits a load into parts that land one by one, in any order.
void put_in_flight(Mbarrier& barrier, std::vector<Row> rows) {
  Grid& g = grid();
  const Thread& thread = self();
  const u32 most = static_cast<u32>(std::min<std::size_t>(rows.size(), 4));
  const u32 parts =
      g.adversary.at_once || g.adversary.land_loads == 1024 ? 1 : 1 + g.random.below(most);
  const std::size_t count = rows.size();
  for (u32 i = 0; i < parts; ++i) {
    LoadInFlight part;
    part.cta = thread.cta;
    part.barrier = &barrier;
    part.phase = barrier.phase;
    part.site = g.sites.number(thread.where);
    part.rows.assign(rows.begin() + static_cast<std::ptrdiff_t>(count * i / parts),
                     rows.begin() + static_cast<std::ptrdiff_t>(count * (i + 1) / parts));
    g.loads.push_back(std::move(part));
  }
  if (g.adversary.at_once) land_load(g, g.loads.size() - 1);
}

/// The access of a load: its agent is the barrier's phase.
Access load_access(const Mbarrier& barrier, Operation operation) {
  Access access = async_access(self(), operation);
  access.agent = grid().agents.barrier(barrier.number);
  access.epoch = barrier.phase + 1;
  return access;
}

void store_row(Row row, Operation operation, Element element, Where /*where*/) {
  if (row.copied == 0) return;
  Grid& g = grid();
  Thread& thread = self();
  const Observer observer = observer_of(thread);
  const bool reduces = operation == Operation::kBulkReduce;
  Access access = async_access(thread, operation);
  access.epoch = thread.bulk_groups + 1;
  access.agent = g.agents.bulk_read(thread.id);
  for (u32 done = 0; done < row.copied;) {
    const u32 address = row.to + row.skipped + done;
    const u32 piece = std::min(row.copied - done, 16 - address % 16);
    read_shared(*thread.cta, swizzled(address, row.swizzle), piece, access, observer);
    done += piece;
  }
  access.agent = g.agents.bulk(thread.id);
  char* to = const_cast<char*>(row.from);
  const Allocation& buffer =
      buffer_of(to, row.copied, reduces ? element_bytes(element) : 1, name_of(operation));
  if (reduces) {
    access.strength = Strength::kGpu;
    read_global(buffer, to, row.copied, access, observer);
  }
  write_global(buffer, to, row.copied, access, observer, reduces);
  thread.bulk_last = thread.bulk_groups + 1;
  StoreInFlight store;
  store.thread = &thread;
  store.group = thread.bulk_groups;
  store.reduces = reduces;
  store.element = element;
  store.to = to;
  store.from = row.to + row.skipped;
  store.bytes = row.copied;
  store.swizzle = row.swizzle;
  g.stores.push_back(store);
  if (g.adversary.at_once) land_store(g, g.stores.size() - 1);
}

void add(char* to, const char* data, u32 bytes, Element element) {
  for (u32 i = 0; i < bytes; i += element_bytes(element)) {
    if (element == Element::kF32) {
      float sum;
      float term;
      std::memcpy(&sum, to + i, sizeof sum);
      std::memcpy(&term, data + i, sizeof term);
      sum += term;
      std::memcpy(to + i, &sum, sizeof sum);
    } else {
      bf16 sum;
      bf16 term;
      std::memcpy(&sum, to + i, sizeof sum);
      std::memcpy(&term, data + i, sizeof term);
      sum = to_bf16(to_float(sum) + to_float(term));
      std::memcpy(to + i, &sum, sizeof sum);
    }
  }
}

Operation operation_of(BulkStore what) {
  return what == BulkStore::kAdd ? Operation::kBulkReduce : Operation::kBulkStore;
}

void check_reduction(BulkStore what, Element element) {
  if (what == BulkStore::kAdd && element == Element::kE4m3) {
    fail("a bulk reduction adds F32 or BF16");
  }
}

}  // namespace

void land_load(Grid& g, std::size_t index) {
  LoadInFlight part = std::move(g.loads[index]);
  g.loads[index] = std::move(g.loads.back());
  g.loads.pop_back();
  ++g.counters.landings;
  Mbarrier& barrier = *part.barrier;
  if (barrier.phase != part.phase) {
    fail(text("a load asked for at ", g.sites.text(part.site), " lands after phase ", part.phase,
              " of its mbarrier ", barrier.number, " has completed: too few bytes were expected"));
  }
  Cta& cta = *part.cta;
  for (const Row& row : part.rows) {
    land_row(cta, row);
    cta.shadow->define(row.to - cta.base, row.bytes);
    barrier.bytes -= row.bytes;
  }
  complete_phases(cta, barrier);
}

void read_store(StoreInFlight& store) {
  if (store.was_read) return;
  Cta& cta = *store.thread->cta;
  store.was_read = true;
  copy_swizzled(cta.shared.data(), cta.base, store.from, store.bytes, store.swizzle,
                store.data.data(), false);
}

void land_store(Grid& g, std::size_t index) {
  read_store(g.stores[index]);
  const StoreInFlight store = g.stores[index];
  g.stores[index] = g.stores.back();
  g.stores.pop_back();
  ++g.counters.landings;
  if (store.reduces) {
    add(store.to, store.data.data(), store.bytes, store.element);
    return;
  }
  std::memcpy(store.to, store.data.data(), store.bytes);
  Allocation* buffer = g.memory.find(store.to, store.bytes);
  buffer->shadow->define(static_cast<std::size_t>(store.to - buffer->data), store.bytes);
}

void load_tensor(u32 to, const TensorMap& map, u32 barrier_address, const int* at_, int rank,
                 Where where) {
  at(where);
  Thread& thread = self();
  Mbarrier& barrier = mbarrier_at(barrier_address, "tma_load", true);
  check_tensor(map, to, rank, "tma_load");
  const Access access = load_access(barrier, Operation::kTmaLoad);
  const Observer observer = observer_of(thread);
  const u32 count = box_rows(map);
  std::vector<Row> rows;
  for (u32 i = 0; i < count; ++i) {
    rows.push_back(tensor_row(map, at_, i, to));
    const Row& row = rows.back();
    if (row.copied == 0) continue;
    const Allocation& buffer = buffer_of(row.from, row.copied, 1, "tma_load");
    read_global(buffer, row.from, row.copied, access, observer);
  }
  write_shared(*thread.cta, to, count * rows[0].bytes, access, observer, false);
  put_in_flight(barrier, std::move(rows));
}

void store_tensor(const TensorMap& map, u32 from, const int* at_, int rank, BulkStore what,
                  Where where) {
  at(where);
  check_tensor(map, from, rank, "tma_store");
  check_reduction(what, map.element);
  const u32 count = box_rows(map);
  for (u32 i = 0; i < count; ++i) {
    store_row(tensor_row(map, at_, i, from), operation_of(what), map.element, where);
  }
}

void store_bulk(void* to, u32 from, u32 bytes, BulkStore what, Element element, Where where) {
  at(where);
  if (bytes == 0 || bytes % 16 != 0) fail(text("bulk_store: ", bytes, " bytes"));
  shared_bytes(*self().cta, from, bytes, 16, "bulk_store");
  buffer_of(to, bytes, 16, "bulk_store");
  check_reduction(what, element);
  constexpr u32 kPiece = 1024;
  for (u32 done = 0; done < bytes; done += kPiece) {
    const u32 piece = std::min(kPiece, bytes - done);
    store_row({static_cast<char*>(to) + done, from + done, 0, piece, piece, Swizzle::kNone},
              operation_of(what), element, where);
  }
}

void await_bulk(u32 pending, bool only_reads, Where where) {
  at(where);
  Grid& g = grid();
  Thread& thread = self();
  if (thread.bulk_groups <= pending) return;
  const u32 done = thread.bulk_groups - pending;
  for (std::size_t i = 0; i < g.stores.size();) {
    StoreInFlight& store = g.stores[i];
    const bool due = store.thread == &thread && store.group < done;
    if (due && !only_reads) {
      land_store(g, i);
      continue;
    }
    if (due) read_store(store);
    ++i;
  }
  Epoch& read = thread.own.seen[OwnEpochs::kBulkRead];
  read = std::max(read, done);
  if (only_reads) return;
  Epoch& written = thread.own.seen[OwnEpochs::kBulk];
  written = std::max(written, done);
}

}  // namespace model

void bulk_load(u32 to, const void* from, u32 bytes, u32 barrier_address, model::Where where) {
  using namespace model;
  at(where);
  Thread& thread = self();
  Mbarrier& barrier = mbarrier_at(barrier_address, "bulk_load", true);
  if (bytes == 0 || bytes % 16 != 0) fail(text("bulk_load: ", bytes, " bytes"));
  shared_bytes(*thread.cta, to, bytes, 16, "bulk_load");
  const Allocation& buffer = buffer_of(from, bytes, 16, "bulk_load");
  const Access access = load_access(barrier, Operation::kBulkLoad);
  const Observer observer = observer_of(thread);
  read_global(buffer, from, bytes, access, observer);
  write_shared(*thread.cta, to, bytes, access, observer, false);
  constexpr u32 kPiece = 1024;
  std::vector<Row> rows;
  for (u32 done = 0; done < bytes; done += kPiece) {
    const u32 piece = std::min(kPiece, bytes - done);
    rows.push_back(
        {static_cast<const char*>(from) + done, to + done, 0, piece, piece, Swizzle::kNone});
  }
  put_in_flight(barrier, std::move(rows));
}

void bulk_commit(model::Where where) {
  model::at(where);
  ++model::self().bulk_groups;
}

}  // namespace windtunnel::device
