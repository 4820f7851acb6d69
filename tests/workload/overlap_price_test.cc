#include "simulator/workload/overlap_price.h"

#include <gtest/gtest.h>

#include "simulator/workload/kernel_price.h"
#include "simulator/workload/stages.h"
#include "simulator/workload/step_pricing.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

const std::string kMatrix =
    "compute,compute_dtype,communication,communication_dtype,compute_sms,communication_sms,"
    "compute_alone_us,compute_beside_us,communication_alone_us,communication_beside_us\n"
    "gemm,bf16,loopback_dispatch,fp8,88,20,100,120,50,60\n"
    "gemm,bf16,loopback_combine,bf16,88,20,100,150,50,70\n"
    "rms_norm,bf16,loopback_dispatch,fp8,88,20,100,110,50,90\n"
    "gemm,bf16,loopback_dispatch,fp8,84,24,100,300,50,300\n";

/// V3 in BF16 on A100, of which there is no trace.
Scenario on_a100() {
  Scenario scenario = small_cluster();
  scenario.precision = Dtype::kBf16;
  const Gpu* gpu = find_gpu(shipped_prices().tables.gpus, "a100");
  scenario.cluster.gpu = *gpu;
  scenario.assumptions.sms_alone.value = gpu->sms;
  return scenario;
}

PriceBook with_matrix(const std::string& gpu) {
  PriceBook book = shipped_prices();
  book.overlaps = {{.gpu = gpu, .matrix = make_overlap_matrix(parse_csv(kMatrix, "overlap.csv"))}};
  return book;
}

LayerOp product(Phase phase) {
  return {.phase = phase,
          .kernel = {.operation = Operation::kGemm,
                     .dtype = Dtype::kBf16,
                     .m = 4096,
                     .n = 7168,
                     .k = 2048,
                     .groups = 1},
          .launches = 1,
          .routed = false};
}

double slower(const PriceBook& book, const Scenario& scenario, const LayerOp& op) {
  const Price price = kernel_price(book, scenario.cluster.gpu, op.kernel, 88);
  return beside_transfer(book, scenario, op, 88, price).time / price.time;
}

// attn(F) runs beside combine(B), which is a dispatch of gradients; attn(B) beside combine(F).
TEST(OverlapPrice, AKernelIsSlowedByTheTransferBesideItsPhase) {
  const PriceBook book = with_matrix("a100");
  EXPECT_NEAR(slower(book, on_a100(), product(Phase::kAttentionForward)), 1.2, 1e-12);
  EXPECT_NEAR(slower(book, on_a100(), product(Phase::kAttentionBackward)), 1.5, 1e-12);
  const Price price =
      beside_transfer(book, on_a100(), product(Phase::kAttentionForward), 88, invented_price(1));
  EXPECT_NE(price.provenance.source.find("1.20 times longer beside loopback_dispatch, by "
                                         "overlap.csv"),
            std::string::npos);
  EXPECT_EQ(price.provenance.basis, Basis::kScaled);
}

TEST(OverlapPrice, OtherNumbersOfSmsAreOthers) {
  Scenario scenario = on_a100();
  scenario.communication.sms = 24;
  EXPECT_NEAR(slower(with_matrix("a100"), scenario, product(Phase::kAttentionForward)), 3, 1e-12);
  scenario.communication.sms = 16;
  EXPECT_EQ(slower(with_matrix("a100"), scenario, product(Phase::kAttentionForward)), 1);
}

TEST(OverlapPrice, NothingIsSlowedByAnotherGpusMatrixOrWithoutExperts) {
  EXPECT_EQ(slower(with_matrix("h100"), on_a100(), product(Phase::kAttentionForward)), 1);
  Scenario dense = on_a100();
  dense.parallelism.expert = 1;
  EXPECT_EQ(slower(with_matrix("a100"), dense, product(Phase::kAttentionForward)), 1);
}

// What DeepSeek's trace shows of a pair is not slowed again.
TEST(OverlapPrice, TheTraceAnswersFirst) {
  const Scenario scenario = pretraining();
  const PriceBook book = with_matrix("h800");
  const PricedStep with = price_step(scenario, book, main_schedule(scenario));
  const PricedStep without = price_step(scenario, shipped_prices(), main_schedule(scenario));
  std::size_t compared = 0;
  for (std::size_t i = 0; i < with.blocks.size(); ++i) {
    for (std::size_t t = 0; t < with.blocks[i].transfers.size(); ++t) {
      EXPECT_EQ(with.blocks[i].transfers[t].price.paired.time,
                without.blocks[i].transfers[t].price.paired.time);
      ++compared;
    }
  }
  EXPECT_GT(compared, 0U);
}

// (60/50 + 90/50) / 2, and 70/50.
TEST(OverlapPrice, ATransferIsSlowedByTheMeanOfItsCompany) {
  const KernelShape dispatch{.operation = Operation::kDispatch,
                             .dtype = Dtype::kBf16,
                             .m = 4096,
                             .n = 7168,
                             .k = 8,
                             .groups = 64};
  KernelShape combine = dispatch;
  combine.operation = Operation::kCombine;
  const PriceBook book = with_matrix("a100");
  EXPECT_NEAR(beside_compute(book, on_a100(), dispatch, invented_price(1))->time.value, 1.5, 1e-12);
  EXPECT_NEAR(beside_compute(book, on_a100(), combine, invented_price(1))->time.value, 1.4, 1e-12);
  EXPECT_FALSE(beside_compute(shipped_prices(), on_a100(), combine, invented_price(1)));
}

TEST(OverlapPrice, AStepUsesIt) {
  const Scenario scenario = on_a100();
  const auto paired = [&](const PriceBook& book) {
    const PricedStep priced = price_step(scenario, book, main_schedule(scenario));
    const auto& block = *std::find_if(priced.blocks.begin(), priced.blocks.end(),
                                      [](const PricedBlock& one) { return one.routed; });
    Seconds kernels{0};
    for (const PricedKernel& kernel : block.kernels) kernels += kernel.price.paired.time;
    return std::pair{kernels.value, block.transfers[0].price.paired.time.value};
  };
  const auto [kernels, transfer] = paired(shipped_prices());
  const auto [slowed_kernels, slowed_transfer] = paired(with_matrix("a100"));
  EXPECT_GT(slowed_kernels, kernels);
  EXPECT_NE(slowed_transfer, transfer);
}

}  // namespace
}  // namespace windtunnel
