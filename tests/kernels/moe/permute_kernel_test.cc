// Permutation on the device model, against kernels/moe/reference.h.
#include "kernels/moe/permute.cuh"
#include "kernels/moe/reference.h"
#include "kernels/moe/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Load;
using generate::Pattern;

struct Case {
  std::int64_t tokens, top_k;
  std::int32_t experts;
  std::int64_t alignment, columns;
};
constexpr Case kSmall{9, 3, 6, 8, 40};
/// More rows than the 64 warps that one SM holds, more columns than a warp's 512 at a time.
constexpr Case kWrapping{30, 6, 10, 16, 1112};

reference::Layout layout_of(const Case& it, Load load, std::uint64_t seed) {
  return reference::layout(generate::choices(it.tokens, it.top_k, it.experts, load, seed), it.top_k,
                           it.experts, it.alignment);
}

/// A layout's slots as the kernels read them; one more element, since a buffer has at least one.
struct DeviceLayout {
  Buffer<std::int32_t> slots;
  Buffer<std::int32_t> slot_pairs;
  Buffer<std::int32_t> slot_count;
};
DeviceLayout on_device(Gpu& gpu, const reference::Layout& layout) {
  std::vector<std::int32_t> slots = int_values(layout.slots);
  std::vector<std::int32_t> pairs = int_values(layout.pairs);
  const std::vector<std::int32_t> count{static_cast<std::int32_t>(pairs.size())};
  slots.push_back(-1);
  pairs.push_back(-1);
  return {{gpu, slots, "slots"}, {gpu, pairs, "slot_pairs"}, {gpu, count, "slot_count"}};
}

void check_permute(Gpu& gpu, const Case& it, Load load, std::uint64_t seed) {
  const reference::Layout layout = layout_of(it, load, seed);
  const DeviceLayout device = on_device(gpu, layout);
  const auto slots = static_cast<std::int64_t>(layout.pairs.size());
  const Matrix x = generate::values(it.tokens, it.columns, Pattern::kUniform, kBf16, seed);
  const Buffer<bf16> in(gpu, bf16_values(x), "x");
  const auto y = result_buffer<bf16>(gpu, slots * it.columns, "y");
  // The grid is made for more slots than there are.
  const LaunchReport report = launch_permute(gpu,
                                             {.x = in.data(),
                                              .y = y.data(),
                                              .slot_pairs = device.slot_pairs.data(),
                                              .slot_count = device.slot_count.data(),
                                              .row_bytes = static_cast<int>(it.columns) * 2,
                                              .top_k = static_cast<int>(it.top_k)},
                                             static_cast<int>(slots) + 50, 1);
  ASSERT_EQ(report.failure, "");
  expect_equal(downloaded(y, slots, it.columns), reference::permute(x, layout), "y");
}

void check_permute_fp8(Gpu& gpu, const Case& it, Load load, std::uint64_t seed) {
  const reference::Layout layout = layout_of(it, load, seed);
  const DeviceLayout device = on_device(gpu, layout);
  const auto slots = static_cast<std::int64_t>(layout.pairs.size());
  const std::int64_t bytes = it.columns / 16 * 16;
  const std::int64_t across = (bytes + 127) / 128;
  const Matrix x = generate::values(it.tokens, bytes, Pattern::kUniform, kE4m3, seed);
  const Matrix s = generate::values(it.tokens, across, Pattern::kUniform, kFp32, seed + 1);
  const Buffer<e4m3> in(gpu, e4m3_values(x), "x");
  const Buffer<float> scales(gpu, fp32_values(s), "x_scales");
  const auto y = result_buffer<e4m3>(gpu, slots * bytes, "y");
  const auto y_scales = result_buffer<float>(gpu, slots * across, "y_scales");
  const LaunchReport report = launch_permute(gpu,
                                             {.x = in.data(),
                                              .x_scales = scales.data(),
                                              .y = y.data(),
                                              .y_scales = y_scales.data(),
                                              .slot_pairs = device.slot_pairs.data(),
                                              .slot_count = device.slot_count.data(),
                                              .row_bytes = static_cast<int>(bytes),
                                              .scales = static_cast<int>(across),
                                              .top_k = static_cast<int>(it.top_k)},
                                             static_cast<int>(slots), 1);
  ASSERT_EQ(report.failure, "");
  expect_equal(downloaded(y, slots, bytes), reference::permute(x, layout), "y");
  expect_equal(downloaded(y_scales, slots, across), reference::permute(s, layout), "y_scales");
}

TEST(PermuteKernel, CopiesRowsForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Load load = generate::kLoads[seed % std::size(generate::kLoads)];
    check_permute(gpu, kSmall, load, seed);
    check_permute(gpu, kWrapping, Load::kElsewhere, seed);
    check_permute_fp8(gpu, kSmall, load, seed);
    check_permute_fp8(gpu, {30, 6, 10, 16, 4368}, Load::kUniform, seed);
  });
}

void check_unpermute(Gpu& gpu, const Case& it, Load load, bool weighted, std::uint64_t seed) {
  const reference::Layout layout = layout_of(it, load, seed);
  const DeviceLayout device = on_device(gpu, layout);
  const auto slots = static_cast<std::int64_t>(layout.pairs.size());
  const Matrix x = generate::values(slots, it.columns, Pattern::kUniform, kBf16, seed);
  const Matrix w = generate::values(it.tokens, it.top_k, Pattern::kUniform, kFp32, seed + 1);
  const Buffer<bf16> in(gpu, bf16_values(x), "x");
  const Buffer<float> weights(gpu, fp32_values(w), "weights");
  const auto y = result_buffer<bf16>(gpu, it.tokens * it.columns, "y");
  const LaunchReport report = launch_unpermute(gpu,
                                               {.x = in.data(),
                                                .slots = device.slots.data(),
                                                .weights = weighted ? weights.data() : nullptr,
                                                .y = y.data(),
                                                .tokens = static_cast<int>(it.tokens),
                                                .top_k = static_cast<int>(it.top_k),
                                                .columns = static_cast<int>(it.columns)},
                                               1);
  ASSERT_EQ(report.failure, "");
  const Sum want =
      weighted ? reference::unpermute(x, w, layout) : reference::permute_backward(x, layout);
  expect_within(
      downloaded(y, it.tokens, it.columns), want.value,
      [&](auto i, auto j) {
        return tolerance::unpermute(want.value(i, j), want.magnitude(i, j), it.top_k);
      },
      "y");
}

TEST(UnpermuteKernel, SumsRowsForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Load load = generate::kLoads[seed % std::size(generate::kLoads)];
    check_unpermute(gpu, kSmall, load, true, seed);
    check_unpermute(gpu, {21, 6, 10, 16, 840}, Load::kElsewhere, true, seed);
    check_unpermute(gpu, {5, 8, 12, 16, 264}, Load::kUniform, false, seed);
  });
}

void check_backward(Gpu& gpu, const Case& it, Load load, std::uint64_t seed) {
  const reference::Layout layout = layout_of(it, load, seed);
  const DeviceLayout device = on_device(gpu, layout);
  const auto slots = static_cast<std::int64_t>(layout.pairs.size());
  const Matrix x = generate::values(slots, it.columns, Pattern::kUniform, kBf16, seed);
  const Matrix w = generate::values(it.tokens, it.top_k, Pattern::kUniform, kFp32, seed + 1);
  const Matrix out = generate::values(it.tokens, it.columns, Pattern::kUniform, kBf16, seed + 2);
  const Buffer<bf16> in(gpu, bf16_values(x), "x");
  const Buffer<float> weights(gpu, fp32_values(w), "weights");
  const Buffer<bf16> dy(gpu, bf16_values(out), "dy");
  const auto dx = result_buffer<bf16>(gpu, slots * it.columns, "dx");
  const auto dweights = result_buffer<float>(gpu, it.tokens * it.top_k, "dweights");
  const LaunchReport report = launch_unpermute_backward(gpu,
                                                        {.x = in.data(),
                                                         .slots = device.slots.data(),
                                                         .slot_pairs = device.slot_pairs.data(),
                                                         .slot_count = device.slot_count.data(),
                                                         .weights = weights.data(),
                                                         .dy = dy.data(),
                                                         .dx = dx.data(),
                                                         .dweights = dweights.data(),
                                                         .tokens = static_cast<int>(it.tokens),
                                                         .top_k = static_cast<int>(it.top_k),
                                                         .columns = static_cast<int>(it.columns)},
                                                        static_cast<int>(slots), 1);
  ASSERT_EQ(report.failure, "");
  const reference::UnpermuteGradient want = reference::unpermute_backward(x, w, layout, out);
  expect_within(
      downloaded(dx, slots, it.columns), want.dx,
      [&](auto i, auto j) { return tolerance::unpermute_backward(want.dx(i, j)); }, "dx");
  const double depth = static_cast<double>((it.columns + 255) / 256 * kVector + 5);
  expect_within(
      downloaded(dweights, it.tokens, it.top_k), want.dweights.value,
      [&](auto i, auto j) {
        return tolerance::routing_weight_gradient(want.dweights.magnitude(i, j), depth);
      },
      "dweights");
}

TEST(UnpermuteBackwardKernel, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Load load = generate::kLoads[seed % std::size(generate::kLoads)];
    check_backward(gpu, kSmall, load, seed);
    check_backward(gpu, {30, 6, 10, 16, 328}, Load::kElsewhere, seed);
  });
}

TEST(PermuteKernels, TakeNothingAndRefuseRaggedVectors) {
  Gpu gpu;
  EXPECT_EQ(launch_permute(gpu, {.row_bytes = 16}, 0, 1).failure, "");
  EXPECT_EQ(launch_unpermute(gpu, {.top_k = 8, .columns = 8}, 1).failure, "");
  EXPECT_EQ(launch_unpermute_backward(gpu, {.top_k = 8, .columns = 8}, 0, 1).failure, "");
  EXPECT_EQ(launch_permute(gpu, {.row_bytes = 24}, 1, 1).failure,
            "permute: rows must be a multiple of 16 bytes");
  EXPECT_EQ(launch_unpermute(gpu, {.columns = 12}, 1).failure,
            "unpermute: columns must be a multiple of 8");
  EXPECT_EQ(launch_unpermute_backward(gpu, {.columns = 12}, 1, 1).failure,
            "unpermute_backward: columns must be a multiple of 8");
}

}  // namespace
}  // namespace windtunnel::device
