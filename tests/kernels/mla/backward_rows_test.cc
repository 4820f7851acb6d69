// What goes before and after the backward kernels, on the device model.
#include "kernels/mla/backward_rows.cuh"

#include "tests/kernels/mla/attention_case.h"

namespace windtunnel::device {
namespace {

constexpr int kHeads = 2;

// Sequences of 1, 0, 65 and 3 tokens, so that padding lies before, between and behind.
AttentionCase ragged() { return gradient_case(128, kHeads, true, {1, 0, 65, 3}); }

TEST(AttentionBackwardRows, PlacesDeltasAndLogarithmsAndZeroesTheSum) {
  const AttentionCase it = ragged();
  AttentionCall call = call_of(it);
  const int padded = padded_rows(call.tokens, call.sequences);
  on_every_seed([&](Gpu& gpu, std::uint64_t) {
    const Buffer<bf16> o(gpu, bf16_values(it.o), "o");
    const Buffer<bf16> dout(gpu, bf16_values(it.dout), "dout");
    const Buffer<float> lse(gpu, fp32_values(it.lse), "lse");
    const Buffer<int> offsets(gpu, offsets_of(it), "offsets");
    const Buffer<float> log_sums(gpu, static_cast<std::size_t>(kHeads * padded), "log_sums");
    const Buffer<float> deltas(gpu, static_cast<std::size_t>(kHeads * padded), "deltas");
    const Buffer<float> dq_sum(gpu, it.q.values.size(), "dq_sum");
    call.o = o.data();
    call.lse = lse.data();
    call.offsets = offsets.data();
    const AttentionGradients gradients{.dout = dout.data(),
                                       .dq = nullptr,
                                       .dk = nullptr,
                                       .dv = nullptr,
                                       .dq_sum = dq_sum.data(),
                                       .log_sums = log_sums.data(),
                                       .deltas = deltas.data()};
    const LaunchReport report = launch_attention_backward_pre<128>(gpu, call, gradients);
    ASSERT_EQ(report.failure, "");
    for (const float value : dq_sum.download()) ASSERT_EQ(value, 0.0F);
    const Matrix got = downloaded(deltas, kHeads, padded);
    const Matrix sums = downloaded(log_sums, kHeads, padded);
    for (int head = 0; head < kHeads; ++head) {
      for (int b = 0; b < call.sequences; ++b) {
        const auto offset = it.shape.offsets[static_cast<std::size_t>(b)];
        const auto length = it.shape.offsets[static_cast<std::size_t>(b) + 1] - offset;
        const int first = padded_row(static_cast<int>(offset), b);
        for (std::int64_t i = 0; i < (length + 63) / 64 * 64; ++i) {
          const bool exists = i < length;
          const double want = exists ? it.backward.delta.value(head, offset + i) : 0;
          const double size = exists ? it.backward.delta.magnitude(head, offset + i) : 0;
          ASSERT_NEAR(got(head, first + i), want, tolerance::attention_delta(size, it.bound(64)));
          const float sum =
              exists ? static_cast<float>(it.lse(head, offset + i)) * kLog2E : INFINITY;
          ASSERT_EQ(sums(head, first + i), static_cast<double>(sum));
        }
      }
    }
  });
}

TEST(AttentionBackwardRows, PaddedRowsOfSequencesDoNotMeet) {
  const int lengths[] = {1, 0, 64, 63, 65, 0, 128, 7};
  int offset = 0;
  int free = 0;
  for (int b = 0; b < 8; ++b) {
    EXPECT_GE(padded_row(offset, b), free);
    EXPECT_EQ(padded_row(offset, b) % kPaddedRows, 0);
    if (lengths[b] > 0) free = padded_row(offset, b) + (lengths[b] + 63) / 64 * 64;
    offset += lengths[b];
  }
  EXPECT_LE(free, padded_rows(offset, 8));
}

TEST(AttentionBackwardRows, RoundsTheScaledSum) {
  const AttentionCase it = ragged();
  const AttentionCall call = call_of(it);
  on_every_seed([&](Gpu& gpu, std::uint64_t) {
    const Buffer<float> dq_sum(gpu, fp32_values(it.backward.dq.value), "dq_sum");
    const Buffer<bf16> dq(gpu, it.q.values.size(), "dq");
    AttentionGradients gradients = {};
    gradients.dq = dq.data();
    gradients.dq_sum = dq_sum.data();
    const LaunchReport report = launch_attention_backward_post(gpu, call, gradients);
    ASSERT_EQ(report.failure, "");
    const std::vector<float> sums = dq_sum.download();
    const std::vector<bf16> got = dq.download();
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].bits, to_bf16(sums[i] * call.scale).bits) << i;
    }
  });
}

TEST(AttentionBackwardRows, NoTokensAreNoLaunch) {
  Gpu gpu;
  AttentionCall call = {};
  call.qk = 192;
  EXPECT_TRUE(launch_attention_backward_pre<192>(gpu, call, {}).ok());
  EXPECT_TRUE(launch_attention_backward_post(gpu, call, {}).ok());
}

}  // namespace
}  // namespace windtunnel::device
