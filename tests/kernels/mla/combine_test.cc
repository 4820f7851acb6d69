// Merging parts on the device model.
#include "kernels/mla/combine.cuh"

#include <cmath>
#include <limits>

#include "kernels/mla/decode_tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kRows = 6;
constexpr int kRequests = 3;

/// Requests 2 and 0 from three and from two parts; row 3 saw nothing in some, row 4 in none.
struct Parts {
  DecodePlan plan{};
  Matrix o = generate::values(5 * kRows, kDecodeLatent, generate::Pattern::kUniform, kFp32, 1);
  Matrix log_sums = generate::values(5, kRows, generate::Pattern::kUniform, kFp32, 2);

  Parts() {
    plan.rows = kRows;
    plan.slots = 5;
    plan.merges = {{2, 0, 3}, {0, 3, 2}};
    for (double& it : log_sums.values) it = round_to(8 * it, kFp32);
    for (const int slot : {0, 4}) hide(slot, 3);
    for (int slot = 0; slot < 5; ++slot) hide(slot, 4);
  }
  void hide(int slot, int row) {
    log_sums(slot, row) = -kInfinity;
    for (int j = 0; j < kDecodeLatent; ++j) o(slot * kRows + row, j) = 0;
  }
};

void check_merge(const Parts& parts, const DecodeMerge& merge, const Matrix& o,
                 const std::vector<float>& log_sums) {
  for (int row = 0; row < kRows; ++row) {
    double sum = 0;
    for (int i = 0; i < merge.slots; ++i) {
      sum += std::exp2(parts.log_sums(merge.first_slot + i, row));
    }
    const std::int64_t line = std::int64_t{merge.request} * kRows + row;
    const double got = static_cast<double>(log_sums.at(static_cast<std::size_t>(line)));
    if (sum == 0) {
      ASSERT_EQ(got, -kInfinity) << "row " << row;
    } else {
      // Logarithms of up to 8: the bounds of one with two roundings around it, and ln 2.
      ASSERT_NEAR(got, std::log(sum), 8 * (2 * kLg2Error + roundings(4))) << "row " << row;
    }
    for (int j = 0; j < kDecodeLatent; ++j) {
      double want = 0;
      double magnitude = 0;
      for (int i = 0; i < merge.slots && sum > 0; ++i) {
        const std::int64_t slot = merge.first_slot + i;
        const double term =
            std::exp2(parts.log_sums(slot, row)) / sum * parts.o(slot * kRows + row, j);
        want += term;
        magnitude += std::abs(term);
      }
      // Exponents of up to 16, a product and an addition each, and the division.
      const double error = magnitude * (2 * (kEx2Error + roundings(16)) + kRcpError + roundings(8));
      ASSERT_NEAR(o(line, j), want, stored(want, error, kBf16)) << "(" << row << ", " << j << ")";
    }
  }
}

TEST(CombineParts, WeighsWhatEachPartSawForEverySeed) {
  const Parts parts;
  on_every_seed([&](Gpu& gpu, std::uint64_t) {
    const Buffer<float> part_o(gpu, fp32_values(parts.o), "parts");
    const Buffer<float> part_sums(gpu, fp32_values(parts.log_sums), "part_sums");
    const Buffer<DecodeMerge> merges(gpu, parts.plan.merges, "merges");
    const std::vector<float> before(kRequests * kRows, 3.5F);
    const Buffer<float> log_sums(gpu, before, "log_sums");
    const auto o = result_buffer<bf16>(gpu, kRequests * kRows * kDecodeLatent, "o");
    DecodeCall call{};
    call.merges = merges.data();
    call.parts = part_o.data();
    call.part_sums = part_sums.data();
    call.o = o.data();
    call.log_sums = log_sums.data();
    ASSERT_EQ(launch_combine(gpu, parts.plan, call).failure, "");
    const Matrix got = downloaded(o, kRequests * kRows, kDecodeLatent);
    for (const DecodeMerge& it : parts.plan.merges) {
      check_merge(parts, it, got, log_sums.download());
    }
    // Nobody cut request 1.
    for (std::size_t i = kRows; i < 2 * kRows; ++i) ASSERT_EQ(log_sums.download()[i], 3.5F);
  });
}

TEST(CombineParts, NothingToMergeIsNoLaunch) {
  Gpu gpu;
  EXPECT_EQ(launch_combine(gpu, {}, {}).failure, "");
}

}  // namespace
}  // namespace windtunnel::device
