#include "kernels/device/model/multiply.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/device/model/address.h"
#include "kernels/device/model/text.h"

namespace windtunnel::device::model {

namespace {

constexpr int kRows = 16;
constexpr int kMostColumns = 256;
constexpr int kMostK = 32;

float element_at(const char* data, int bytes) {
  if (bytes == 1) return to_float(e4m3{static_cast<u8>(*data)});
  bf16 value;
  std::memcpy(&value, data, sizeof value);
  return to_float(value);
}

float element_in(u32 word, int index, int bytes) {
  if (bytes == 1) return to_float(e4m3{static_cast<u8>(word >> (8 * index))});
  return to_float(bf16{static_cast<u16>(word >> (16 * index))});
}

/// Reads operand elements (first + i, k) into out[i * row_step + k * k_step].
void read_operand(const Cta& cta, u64 descriptor, bool k_major, const WgmmaShape& shape, int first,
                  int count, float* out, int row_step, int k_step) {
  const MatrixDescriptor d = decode(descriptor);
  const Major major = k_major ? Major::kK : Major::kMn;
  const u32 element = static_cast<u32>(shape.element);
  // 16 bytes lie together along the fast index.
  const int chunk = 16 / shape.element;
  const int outer = k_major ? count : shape.k;
  const int inner = k_major ? shape.k : count;
  for (int o = 0; o < outer; ++o) {
    for (int i = 0; i < inner; i += chunk) {
      const int mn = first + (k_major ? o : i);
      const int k = k_major ? i : o;
      const u32 address =
          operand_address(d, major, static_cast<u32>(mn), static_cast<u32>(k), element);
      const char* data = cta.shared.data() + (address - cta.base);
      for (int e = 0; e < chunk; ++e) {
        const int row = k_major ? o : i + e;
        const int column = k_major ? i + e : o;
        out[row * row_step + column * k_step] = element_at(data + e * shape.element, shape.element);
      }
    }
  }
}

void read_a_registers(const Wgmma& it, float* a) {
  const int per_word = 4 / it.shape.element;
  for (int lane = 0; lane < static_cast<int>(kWarpThreads); ++lane) {
    for (int i = 0; i < 4; ++i) {
      for (int e = 0; e < per_word; ++e) {
        const Cell2 at =
            it.shape.element == 1 ? a_fragment_cell_e4m3(lane, i, e) : a_fragment_cell(lane, i, e);
        const u32 word = it.a_values[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)];
        a[at.row * it.shape.k + at.column] = element_in(word, e, it.shape.element);
      }
    }
  }
}

/// The frame that held the registers may be gone: a stale read is what is being looked for.
__attribute__((no_sanitize_address)) bool same_registers(const u32* now,
                                                         const std::array<u32, 4>& then) {
  return now[0] == then[0] && now[1] == then[1] && now[2] == then[2] && now[3] == then[3];
}

void check_a_registers(const Wgmma& it) {
  for (std::size_t lane = 0; lane < kWarpThreads; ++lane) {
    if (!same_registers(it.a_registers[lane], it.a_values[lane])) {
      fail(text("the A registers of the wgmma at ", grid().sites.text(it.site), " changed in lane ",
                lane, " while it was in flight"));
    }
  }
}

float cut(float value, float unit) { return std::trunc(value / unit) * unit; }

/// The sum of the terms, each cut to `bits` below the largest.
float cut_sum(const float* terms, int count, int bits) {
  float largest = 0;
  for (int i = 0; i < count; ++i) largest = std::max(largest, std::fabs(terms[i]));
  if (largest == 0 || !std::isfinite(largest)) {
    float sum = 0;
    for (int i = 0; i < count; ++i) sum += terms[i];
    return sum;
  }
  const float unit = std::ldexp(1.0F, std::ilogb(largest) + 1 - bits);
  float sum = 0;
  for (int i = 0; i < count; ++i) sum += cut(terms[i], unit);
  return sum;
}

using Eight = float __attribute__((vector_size(32), aligned(4)));
constexpr int kBlockRows = 4;
constexpr int kBlockColumns = 8;

/// sums[4, 8] += a[4, k] b[k, 8], in registers.
void add_block(float* sums, const float* a, const float* b, int n, int k) {
  Eight product[kBlockRows] = {};
  for (int i = 0; i < k; ++i) {
    Eight column;
    std::memcpy(&column, b + i * n, sizeof column);
    for (int r = 0; r < kBlockRows; ++r) product[r] += a[r * k + i] * column;
  }
  for (int r = 0; r < kBlockRows; ++r) {
    Eight row;
    std::memcpy(&row, sums + r * n, sizeof row);
    row += product[r];
    std::memcpy(sums + r * n, &row, sizeof row);
  }
}

}  // namespace

void multiply_add(float* sums, const float* a, const float* b, int n, int k, bool accumulate,
                  int kept_bits) {
  for (int r = 0; r < kRows; ++r) {
    float* row = sums + r * n;
    if (!accumulate) std::fill(row, row + n, 0.0F);
    if (kept_bits > 0) {
      for (int c = 0; c < n; ++c) {
        float terms[kMostK + 1];
        for (int i = 0; i < k; ++i) terms[i] = a[r * k + i] * b[i * n + c];
        terms[k] = row[c];
        row[c] = cut_sum(terms, k + 1, kept_bits);
      }
    }
  }
  if (kept_bits > 0) return;
  for (int r = 0; r < kRows; r += kBlockRows) {
    for (int c = 0; c < n; c += kBlockColumns) add_block(sums + r * n + c, a + r * k, b + c, n, k);
  }
}

void land_wgmma(Warp& warp) {
  const Wgmma it = warp.wgmmas.front();
  warp.wgmmas.pop_front();
  ++grid().counters.landings;
  ++warp.landed;
  float a[kRows * kMostK];
  float b[kMostK * kMostColumns];
  const int n = it.shape.n;
  if (it.shape.a_in_registers) {
    check_a_registers(it);
    read_a_registers(it, a);
  } else {
    const int first = static_cast<int>(warp.id % 4) * kRows;
    read_operand(*warp.cta, it.a, it.shape.a_k_major, it.shape, first, kRows, a, it.shape.k, 1);
  }
  read_operand(*warp.cta, it.b, it.shape.b_k_major, it.shape, 0, n, b, 1, n);
  const int bits = it.shape.element == 1 ? grid().options.fp8_accumulator_bits : 0;
  multiply_add(it.accumulator->values.data(), a, b, n, it.shape.k, it.accumulate, bits);
}

}  // namespace windtunnel::device::model
