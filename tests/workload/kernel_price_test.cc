#include "simulator/workload/kernel_price.h"

#include <gtest/gtest.h>

#include "simulator/hardware/gemm_price.h"
#include "simulator/hardware/shape_price.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

KernelShape product(Operation operation, Dtype dtype, std::int64_t m, std::int64_t n,
                    std::int64_t k) {
  return {.operation = operation, .dtype = dtype, .m = m, .n = n, .k = k, .groups = 1};
}

TEST(KernelPrice, AnOutputHeadIsPricedFromTheMatrixTables) {
  const Gpu gpu = pretraining().cluster.gpu;
  const PriceBook& book = shipped_prices();
  const KernelShape head = product(Operation::kGemm, Dtype::kBf16, 4096, 129280, 7168);
  const Price table = gemm_price(book.tables, gpu, "bfloat16", 4096, 129280, 7168);
  EXPECT_EQ(kernel_price(book, gpu, head, 132).time.value, table.time.value);
  // dw[n, k] = dy[m, n]^T x[m, k] is a product of n x k with m in the middle.
  const KernelShape weight = product(Operation::kWeightGradient, Dtype::kBf16, 4096, 129280, 7168);
  const Price turned = gemm_price(book.tables, gpu, "bfloat16", 129280, 7168, 4096);
  EXPECT_EQ(kernel_price(book, gpu, weight, 132).time.value, turned.time.value);
}

TEST(KernelPrice, FewerSmsMakeATabledProductSlowerAndNoLongerMeasured) {
  const Gpu gpu = pretraining().cluster.gpu;
  const KernelShape head = product(Operation::kGemm, Dtype::kBf16, 4096, 129280, 7168);
  const Price all = kernel_price(shipped_prices(), gpu, head, 132);
  const Price half = kernel_price(shipped_prices(), gpu, head, 66);
  EXPECT_DOUBLE_EQ(half.time.value, 2 * all.time.value);
  EXPECT_DOUBLE_EQ(half.high.value, 2 * all.high.value);
  EXPECT_GE(half.provenance.basis, Basis::kScaled);
  EXPECT_NE(half.provenance.source.find("on 66 of 132 SMs"), std::string::npos);
}

TEST(KernelPrice, AttentionOutsideTheTracedStepIsPricedFromThePromptTables) {
  const PriceBook& book = shipped_prices();
  const Gpu gpu = pretraining().cluster.gpu;
  const auto attention = [](std::int64_t length, std::int64_t value, std::int64_t key,
                            std::int64_t groups) {
    return KernelShape{Operation::kAttentionForward, Dtype::kBf16, length, value, key, groups};
  };
  // 32 heads of 4 sequences and 64 heads of 2 are one shape; the table has no 96 heads.
  const Price grouped = kernel_price(book, gpu, attention(4096, 128, 128, 128), gpu.sms);
  EXPECT_EQ(grouped.time.value, known_shape_prices(book.tables, "attention_context", gpu,
                                                   {"bfloat16", "128"}, {2, 64, 64, 4096})
                                    .front()
                                    .time.value);
  const Price latent = kernel_price(book, gpu, attention(4096, 128, 192, 16), gpu.sms);
  EXPECT_EQ(latent.time.value,
            known_shape_prices(book.tables, "mla_context", gpu, {"bfloat16"}, {16, 1, 4096})
                .front()
                .time.value);
  EXPECT_EQ(kernel_price(book, gpu, attention(4096, 128, 192, 128), 112).provenance.basis,
            Basis::kMeasured);                             // V3's own
  const KernelShape narrow = attention(1024, 64, 64, 16);  // no table has such heads
  EXPECT_EQ(kernel_price(book, gpu, narrow, gpu.sms).time.value,
            step_price(book.step, gpu, narrow, gpu.sms).time.value);
}

TEST(KernelPrice, SmallAndNarrowProductsArePricedFromTheTracedStep) {
  const Gpu gpu = pretraining().cluster.gpu;
  const PriceBook& book = shipped_prices();
  for (const KernelShape& kernel : {product(Operation::kGemm, Dtype::kBf16, 4096, 256, 7168),
                                    product(Operation::kGemm, Dtype::kFp8, 4096, 7168, 16384)}) {
    EXPECT_EQ(kernel_price(book, gpu, kernel, 112).time.value,
              step_price(book.step, gpu, kernel, 112).time.value);
  }
}

// Scores of 16 heads x 4 sequences of 1024 tokens, times values 256 wide: as one product of 65536
// rows, at least as long as its roof.
TEST(KernelPrice, ABatchedProductIsOneProductWithTheRowsOfAll) {
  const PriceBook& book = shipped_prices();
  const Gpu& a100 = *find_gpu(book.tables.gpus, "a100");
  const KernelShape values{Operation::kBatchedGemm, Dtype::kBf16, 1024, 256, 1024, 64};
  const Price price = kernel_price(book, a100, values, a100.sms);
  const Price plain = gemm_price(book.tables, a100, "bfloat16", 256, 65536, 1024);
  EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
  EXPECT_GE(price.time.value, plain.time.value);  // every head has its own values
  EXPECT_LT(price.time.value, plain.time.value * 1.5);
  // Twice the heads take twice the time, beyond the table too.
  KernelShape more = values;
  more.groups *= 2;
  EXPECT_NEAR(kernel_price(book, a100, more, a100.sms).time / price.time, 2, 1e-9);
  // 64 channels are fewer than the tables have; what binds is writing the scores.
  const KernelShape scores{Operation::kBatchedGemm, Dtype::kBf16, 1024, 1024, 64, 64};
  const double bytes = 64.0 * 1024 * (1024 + 64 + 64) * 2;
  EXPECT_GT(kernel_price(book, a100, scores, a100.sms).time.value, bytes / 2.039e12);
}

}  // namespace
}  // namespace windtunnel
