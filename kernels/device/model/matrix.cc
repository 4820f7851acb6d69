#include "kernels/device/model/matrix.h"

#include <bit>
#include <cstring>

#include "kernels/device/layout.h"
#include "kernels/device/model/address.h"
#include "kernels/device/model/meeting.h"

namespace windtunnel::device {

namespace model {

namespace {

constexpr u32 kRowBytes = 16;
constexpr u32 kRows = 8;

struct Tiles {
  u32* registers;
  u32 row;
};

/// Each row that lies in the same 16 bytes of the 128-byte bank line as an earlier one costs one
/// more pass.
void count_conflicts(Warp& warp, u32 count) {
  for (u32 tile = 0; tile < count; ++tile) {
    u32 seen = 0;
    for (u32 r = 0; r < kRows; ++r) {
      seen |= 1U << (argument_of<Tiles>(warp, tile * kRows + r).row / kRowBytes % 8);
    }
    grid().counters.bank_conflicts += kRows - static_cast<u32>(std::popcount(seen));
  }
}

u16* element(char (*rows)[kRowBytes], u32 tile, u32 row, u32 column) {
  return reinterpret_cast<u16*>(&rows[tile * kRows + row][column * 2]);
}

/// Half `half` of the register of `lane` for tile `tile`: element (lane / 4, 2 (lane % 4) + half),
/// or its mirror.
u16* fragment(char (*rows)[kRowBytes], u32 tile, u32 lane, u32 half, bool transposed) {
  const u32 r = lane / 4;
  const u32 c = lane % 4 * 2 + half;
  return transposed ? element(rows, tile, c, r) : element(rows, tile, r, c);
}

}  // namespace

void load_matrix(u32* registers, u32 count, u32 row, bool transposed, Where where) {
  Thread& thread = self();
  thread.where = where;
  const bool gives_row = thread.lane < count * kRows;
  if (gives_row) {
    shared_bytes(*thread.cta, row, kRowBytes, kRowBytes, "ldmatrix");
    read_shared(*thread.cta, row, kRowBytes, plain_access(thread, Operation::kLoadMatrix),
                observer_of(thread));
  }
  Tiles own{registers, row};
  together(Wait::kLoadMatrix, kAllLanes, &own, where, [&](Warp& warp) {
    count_conflicts(warp, count);
    alignas(16) char rows[kWarpThreads][kRowBytes];
    for (u32 lane = 0; lane < count * kRows; ++lane) {
      std::memcpy(rows[lane],
                  shared_bytes(*warp.cta, argument_of<Tiles>(warp, lane).row, kRowBytes, kRowBytes,
                               "ldmatrix"),
                  kRowBytes);
    }
    for (u32 lane = 0; lane < kWarpThreads; ++lane) {
      for (u32 tile = 0; tile < count; ++tile) {
        const u32 low = *fragment(rows, tile, lane, 0, transposed);
        const u32 high = *fragment(rows, tile, lane, 1, transposed);
        argument_of<Tiles>(warp, lane).registers[tile] = low | high << 16;
      }
    }
  });
}

void store_matrix(const u32* registers, u32 count, u32 row, bool transposed, Where where) {
  Thread& thread = self();
  thread.where = where;
  if (thread.lane < count * kRows) {
    shared_bytes(*thread.cta, row, kRowBytes, kRowBytes, "stmatrix");
    write_shared(*thread.cta, row, kRowBytes, plain_access(thread, Operation::kStoreMatrix),
                 observer_of(thread), true);
  }
  Tiles own{const_cast<u32*>(registers), row};
  together(Wait::kStoreMatrix, kAllLanes, &own, where, [&](Warp& warp) {
    count_conflicts(warp, count);
    alignas(16) char rows[kWarpThreads][kRowBytes];
    for (u32 lane = 0; lane < kWarpThreads; ++lane) {
      for (u32 tile = 0; tile < count; ++tile) {
        const u32 pair = argument_of<Tiles>(warp, lane).registers[tile];
        *fragment(rows, tile, lane, 0, transposed) = static_cast<u16>(pair);
        *fragment(rows, tile, lane, 1, transposed) = static_cast<u16>(pair >> 16);
      }
    }
    for (u32 lane = 0; lane < count * kRows; ++lane) {
      std::memcpy(shared_bytes(*warp.cta, argument_of<Tiles>(warp, lane).row, kRowBytes, kRowBytes,
                               "stmatrix"),
                  rows[lane], kRowBytes);
    }
  });
}

}  // namespace model

namespace {

struct Product {
  float* d;
  const u32* a;
  u32 b[2];
};

float half_of(u32 pair, int half) { return float_of(half == 0 ? pair << 16 : pair & 0xffff0000U); }

void multiply(model::Warp& warp) {
  constexpr int kLanes = 32;
  float a[16][16];
  float b[8][16];
  for (int lane = 0; lane < kLanes; ++lane) {
    const auto& it = model::argument_of<Product>(warp, static_cast<u32>(lane));
    for (int half = 0; half < 2; ++half) {
      for (int i = 0; i < 4; ++i) {
        const Cell2 at = a_fragment_cell(lane, i, half);
        a[at.row][at.column] = half_of(it.a[i], half);
      }
      for (int i = 0; i < 2; ++i) {
        const Cell2 at = b_fragment_cell(lane, i, half);
        b[at.row][at.column] = half_of(it.b[i], half);
      }
    }
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    float* d = model::argument_of<Product>(warp, static_cast<u32>(lane)).d;
    for (int i = 0; i < 4; ++i) {
      const Cell2 at = accumulator_cell(lane, i);
      float sum = 0;
      for (int k = 0; k < 16; ++k) sum += a[at.row][k] * b[at.column][k];
      d[i] += sum;
    }
  }
}

}  // namespace

void mma_m16n8k16(float (&d)[4], const u32 (&a)[4], u32 b0, u32 b1, model::Where where) {
  Product own{d, a, {b0, b1}};
  model::together(model::Wait::kMma, model::kAllLanes, &own, where, multiply);
}

}  // namespace windtunnel::device
