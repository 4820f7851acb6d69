// Where things lie: swizzles of shared memory, wgmma's matrix descriptors, and which element each
// register of a fragment holds. All constexpr, for kernels, host code and tests alike.
#pragma once

#include "kernels/device/types.h"

namespace windtunnel::device {

/// How TMA and wgmma permute the 16-byte chunks of a row of 32, 64 or 128 bytes.
enum class Swizzle { kNone, k32, k64, k128 };

/// Which index of an operand runs fastest in shared memory: K, or M (of A) and N (of B).
enum class Major { kK, kMn };

struct Cell2 {
  int row;
  int column;
};

/// Bytes of one swizzled row; 16 without swizzle (a row of an 8x8 core matrix).
WT_HOST_DEVICE constexpr u32 row_bytes(Swizzle swizzle) {
  return swizzle == Swizzle::kNone ? 16U
         : swizzle == Swizzle::k32 ? 32U
         : swizzle == Swizzle::k64 ? 64U
                                   : 128U;
}

/// Bytes after which the pattern repeats: what a swizzled tile must be aligned to.
WT_HOST_DEVICE constexpr u32 swizzle_period(Swizzle swizzle) { return 8 * row_bytes(swizzle); }

/// The shared address at which the byte of unswizzled address `address` lies: address bits 7-9 are
/// exclusive-ored into bits 4-6 (fewer for narrower rows).
WT_HOST_DEVICE constexpr u32 swizzled(u32 address, Swizzle swizzle) {
  const u32 mask = row_bytes(swizzle) / 16 - 1;
  return address ^ (((address >> 7) & mask) << 4);
}

/// What wgmma needs to know of an operand in shared memory (PTX ISA, "matrix descriptor").
/// K-major: `stride` is from 8 rows to the next 8; `leading` is used without swizzle only, from one
/// 16-byte column to the next. MN-major: `leading` is from one row_bytes() span of M or N to the
/// next and `stride` from 8 values of k to the next 8 (without swizzle the two change roles).
struct MatrixDescriptor {
  u32 address;
  u32 leading;
  u32 stride;
  Swizzle swizzle;
};

WT_HOST_DEVICE constexpr u64 encode(MatrixDescriptor d) {
  const u64 layout = d.swizzle == Swizzle::kNone  ? 0
                     : d.swizzle == Swizzle::k128 ? 1
                     : d.swizzle == Swizzle::k64  ? 2
                                                  : 3;
  return u64{(d.address & 0x3ffffU) >> 4} | u64{(d.leading & 0x3ffffU) >> 4} << 16 |
         u64{(d.stride & 0x3ffffU) >> 4} << 32 | layout << 62;
}

WT_HOST_DEVICE constexpr MatrixDescriptor decode(u64 bits) {
  const u64 layout = bits >> 62;
  return {static_cast<u32>(bits & 0x3fffU) << 4, static_cast<u32>((bits >> 16) & 0x3fffU) << 4,
          static_cast<u32>((bits >> 32) & 0x3fffU) << 4,
          layout == 0   ? Swizzle::kNone
          : layout == 1 ? Swizzle::k128
          : layout == 2 ? Swizzle::k64
                        : Swizzle::k32};
}

/// The descriptor of a tile whose rows are one swizzle span wide and follow each other: K-major
/// [rows][row_bytes] (leading unused), or MN-major [k][row_bytes] spans that lie `leading` apart.
WT_HOST_DEVICE constexpr u64 tile_descriptor(u32 address, Swizzle swizzle = Swizzle::k128,
                                             u32 leading = 16) {
  return encode({address, leading, swizzle_period(swizzle), swizzle});
}

/// The shared address of element (mn, k) of an operand with elements of `element` bytes.
WT_HOST_DEVICE constexpr u32 operand_address(MatrixDescriptor d, Major major, u32 mn, u32 k,
                                             u32 element) {
  const u32 width = row_bytes(d.swizzle);
  const bool plain = d.swizzle == Swizzle::kNone;
  u32 address = d.address;
  if (major == Major::kK) {
    const u32 bytes = k * element;
    address += (mn % 8) * width + (mn / 8) * d.stride;
    address += plain ? (bytes / 16) * d.leading + bytes % 16 : bytes;
  } else {
    const u32 span = width / element;
    address += (mn % span) * element + (mn / span) * (plain ? d.stride : d.leading);
    address += (k % 8) * width + (k / 8) * (plain ? d.leading : d.stride);
  }
  return swizzled(address, d.swizzle);
}

// Fragments. `thread` counts within the warp (mma, ldmatrix) or the warpgroup (wgmma).

/// Element of accumulator register `i` of wgmma (m64) and, within a warp, of mma m16n8 (i < 4).
WT_HOST_DEVICE constexpr Cell2 accumulator_cell(int thread, int i) {
  const int lane = thread % 32;
  return {thread / 32 * 16 + lane / 4 + (i / 2) % 2 * 8, i / 4 * 8 + lane % 4 * 2 + i % 2};
}

/// Element of half `half` of A register `i` (16-bit types): mma m16n8k16 and wgmma from registers.
WT_HOST_DEVICE constexpr Cell2 a_fragment_cell(int thread, int i, int half) {
  const int lane = thread % 32;
  return {thread / 32 * 16 + lane / 4 + i % 2 * 8, lane % 4 * 2 + i / 2 * 8 + half};
}

/// Element (n, k) of half `half` of B register `i` of mma m16n8k16.
WT_HOST_DEVICE constexpr Cell2 b_fragment_cell(int lane, int i, int half) {
  return {lane / 4, lane % 4 * 2 + i * 8 + half};
}

/// Element of byte `byte` of A register `i` of an E4M3 wgmma from registers (k = 32).
WT_HOST_DEVICE constexpr Cell2 a_fragment_cell_e4m3(int thread, int i, int byte) {
  const int lane = thread % 32;
  return {thread / 32 * 16 + lane / 4 + i % 2 * 8, lane % 4 * 4 + i / 2 * 16 + byte};
}

}  // namespace windtunnel::device
