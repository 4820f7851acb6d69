#include "simulator/workload/transfer_price.h"

#include <gtest/gtest.h>

#include "simulator/hardware/all_to_all_price.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

KernelShape product(Operation operation, Dtype dtype, std::int64_t m, std::int64_t n,
                    std::int64_t k) {
  return {.operation = operation, .dtype = dtype, .m = m, .n = n, .k = k, .groups = 1};
}

class TransferPrice : public ::testing::Test {
 protected:
  Scenario scenario_ = pretraining();

  const Moe& moe() const { return std::get<Moe>(scenario_.model.layers.back().feed_forward); }

  /// The ops of a phase of V3's MoE layer for `tokens` tokens.
  std::vector<LayerOp> ops(Phase phase, std::int64_t tokens, Dtype precision = Dtype::kFp8) const {
    std::vector<LayerOp> own;
    for (const LayerOp& op : communication_ops(scenario_.model, scenario_.model.layers.back(),
                                               {.tokens = tokens,
                                               .document_length = tokens,
                                               .expert_parallel = scenario_.parallelism.expert,
                                               .expert_tensor_parallel = 1,
                                               .tensor_parallel = 1,
                                               .sequence_parallel = false,
                                               .context_parallel = 1,
                                               .recompute = Recompute::kLight,
                                               .precision = precision})) {
      if (op.phase == phase) own.push_back(op);
    }
    return own;
  }

  /// The op of `phase` that moves rows.
  std::vector<LayerOp> transfer(Phase phase, std::int64_t tokens,
                                Dtype precision = Dtype::kFp8) const {
    for (const LayerOp& op : ops(phase, tokens, precision)) {
      const Operation kind = op.kernel.operation;
      if (kind == Operation::kDispatch || kind == Operation::kCachedDispatch ||
          kind == Operation::kCombine) {
        return {op};
      }
    }
    throw std::logic_error("no transfer in this phase");
  }

  SettingPrices price(const std::vector<LayerOp>& ops) const {
    return transfer_prices(shipped_prices(), scenario_, moe(), ops);
  }

  AllToAllPrice table(std::int64_t tokens) const {
    return all_to_all_price(shipped_prices().tables, scenario_.cluster.gpu,
                            {.expert_ranks = 64,
                             .ranks_per_node = 8,
                             .tokens = tokens,
                             .hidden = 7168,
                             .top_k = 8,
                             .experts = 256,
                             .sms = 20});
  }
};

TEST_F(TransferPrice, TracedShapesAreMeasuredBesideComputeAndTabledAlone) {
  const auto combine = transfer(Phase::kCombineForward, 4096);
  const SettingPrices both = price(combine);
  EXPECT_EQ(both.paired.provenance.basis, Basis::kMeasured);
  EXPECT_EQ(
      both.paired.time.value,
      traced_communication_price(shipped_prices().step, scenario_.cluster.gpu, combine[0].kernel)
          ->time.value);
  EXPECT_EQ(both.alone.time.value, table(4096).combine.time.value);
  EXPECT_EQ(price(transfer(Phase::kDispatchForward, 4096)).alone.time.value,
            table(4096).dispatch.time.value);
}

TEST_F(TransferPrice, OtherShapesAreSlowedBesideComputeAsTheProfileSaysTheyAre) {
  const SettingPrices traced = price(transfer(Phase::kCombineForward, 4096));
  const SettingPrices other = price(transfer(Phase::kCombineForward, 2048));
  EXPECT_EQ(other.paired.provenance.basis, Basis::kEstimated);
  EXPECT_NEAR(other.paired.time / other.alone.time, traced.paired.time / traced.alone.time, 1e-12);
  EXPECT_GT(other.paired.time.value, other.alone.time.value);
}

// An FP8 row has 7168 bytes and 56 scales of 4 bytes, a BF16 row twice 7168 bytes.
TEST_F(TransferPrice, WiderRowsTakeAsMuchLonger) {
  const Price alone = price(transfer(Phase::kDispatchForward, 4096, Dtype::kBf16)).alone;
  EXPECT_DOUBLE_EQ(alone.time / table(4096).dispatch.time, 14336.0 / (7168 + 224));
  EXPECT_EQ(alone.provenance.basis, Basis::kEstimated);
}

TEST_F(TransferPrice, GoesWithTheNicAcrossNodesAndWithNvlinkInside) {
  const auto combine = transfer(Phase::kCombineForward, 4096);
  const SettingPrices shipped = price(combine);
  scenario_.cluster.scale_out.peak = {25e9};
  const SettingPrices halved = price(combine);
  EXPECT_DOUBLE_EQ(halved.alone.time.value, 2 * shipped.alone.time.value);
  EXPECT_DOUBLE_EQ(halved.paired.time.value, 2 * shipped.paired.time.value);
  EXPECT_EQ(halved.paired.provenance.basis, Basis::kScaled);

  scenario_.parallelism.expert = 8;
  const auto inside = transfer(Phase::kCombineForward, 4096);
  const SettingPrices node = price(inside);
  scenario_.cluster.scale_out.peak = {50e9};
  EXPECT_EQ(price(inside).alone.time.value, node.alone.time.value);
  scenario_.cluster.scale_up.peak = {100e9};
  EXPECT_DOUBLE_EQ(price(inside).alone.time.value, 2 * node.alone.time.value);
}

// kNotify waits for nobody here: between nodes what the profile's files say, at any shape, 66 us;
// inside a node there and back on its links, 2 x 3.33 us.
TEST_F(TransferPrice, ABarrierCostsItsRoundTrip) {
  const LayerOp notify{.phase = Phase::kDispatchForward,
                       .kernel = product(Operation::kNotify, Dtype::kFp32, 0, 0, 0),
                       .launches = 1,
                       .routed = false};
  EXPECT_DOUBLE_EQ(price({notify}).paired.time.value, 66e-6);
  scenario_.parallelism.expert = 8;
  EXPECT_DOUBLE_EQ(price({notify}).alone.time.value, 6.66e-6);
}

TEST_F(TransferPrice, APhaseIsTheSumOfItsLaunches) {
  for (const Phase phase : {Phase::kDispatchForward, Phase::kCombineForward,
                            Phase::kCombineBackward, Phase::kDispatchBackward}) {
    const auto all = ops(phase, 4096);
    double paired = 0;
    double high = 0;
    for (const LayerOp& op : all) {
      LayerOp once = op;
      once.launches = 1;
      paired += price({once}).paired.time.value * op.launches;
      high += price({once}).paired.high.value * op.launches;
    }
    EXPECT_NEAR(price(all).paired.time.value, paired, 1e-15);
    EXPECT_NEAR(price(all).paired.high.value, high, 1e-15);
    EXPECT_GT(paired, price(transfer(phase, 4096)).paired.time.value);
  }
}

// A barrier of 66 us is no measurement, but the transfer behind it is.
TEST_F(TransferPrice, APhaseRestsOnAllItsParts) {
  const Price phase = price(ops(Phase::kCombineForward, 4096)).paired;
  const BasisShares& shares = phase.provenance.shares;
  EXPECT_NEAR(shares.measured + shares.scaled + shares.estimated, 1, 1e-12);
  EXPECT_GT(shares.measured, 0.9);
  EXPECT_NEAR(shares.estimated * phase.time.value, 66e-6, 1e-9);
}

/// V3's scenario on A100, where nobody measured an all-to-all.
class UnmeasuredTransfer : public TransferPrice {
 protected:
  void SetUp() override {
    scenario_.cluster.gpu = *find_gpu(shipped_prices().tables.gpus, "a100");
    scenario_.cluster.scale_up = simple_link(200e9, 0);
    scenario_.cluster.scale_out = simple_link(20e9, 0);
    scenario_.precision = Dtype::kBf16;
  }

  Price combine(std::int64_t tokens = 4096) const {
    return price(transfer(Phase::kCombineForward, tokens, Dtype::kBf16)).alone;
  }
};

// A token leaves for 3.5 of 4 nodes (its own is one of eight), 14 336 bytes each, at 20 GB/s.
TEST_F(UnmeasuredTransfer, IsItsBytesOverTheNic) {
  EXPECT_NEAR(combine().time.value, 4096 * 3.5 * 14336 / 20e9, 1e-6);
  EXPECT_NEAR(combine().time / combine(2048).time, 2, 1e-9);
  EXPECT_EQ(combine().provenance.basis, Basis::kEstimated);
  EXPECT_TRUE(combine().provenance.outside_range);
  EXPECT_NE(combine().provenance.source.find("no all-to-all was measured on NVIDIA A100"),
            std::string::npos);
  // Nothing is known of how compute slows it.
  const SettingPrices both = price(transfer(Phase::kCombineForward, 4096, Dtype::kBf16));
  EXPECT_EQ(both.paired.time, both.alone.time);
}

TEST_F(UnmeasuredTransfer, GoesWithTheHopThatBinds) {
  const Seconds slow = combine().time;
  scenario_.cluster.scale_up = simple_link(400e9, 0);
  EXPECT_EQ(combine().time, slow);
  scenario_.cluster.scale_out = simple_link(40e9, 0);
  EXPECT_NEAR(combine().time / slow, 0.5, 1e-9);
  // A NIC so fast that NVLink binds: faster NVLink helps, a faster NIC no longer does.
  scenario_.cluster.scale_out = simple_link(4e12, 0);
  const Seconds inside = combine().time;
  scenario_.cluster.scale_out = simple_link(8e12, 0);
  EXPECT_EQ(combine().time, inside);
  scenario_.cluster.scale_up = simple_link(800e9, 0);
  EXPECT_NEAR(combine().time / inside, 0.5, 1e-9);
}

TEST_F(UnmeasuredTransfer, WaitsForTheLatencyOfItsHops) {
  const Seconds without = combine().time;
  scenario_.cluster.scale_up.latency = Seconds{3e-6};
  scenario_.cluster.scale_out.latency = Seconds{4e-6};
  EXPECT_NEAR((combine().time - without).value, 7e-6, 1e-12);
  scenario_.parallelism.expert = 8;
  const Seconds inside = combine().time;
  scenario_.cluster.scale_out.latency = Seconds{1};
  EXPECT_EQ(combine().time, inside);
}

TEST_F(UnmeasuredTransfer, AsMuchFasterAsThePeakAndTwiceAsLongIsItsInterval) {
  scenario_.cluster.scale_out.peak = BytesPerSecond{25e9};
  EXPECT_NEAR(combine().low / combine().time, 20.0 / 25, 1e-9);
  EXPECT_NEAR(combine().high / combine().time, 2, 1e-9);
}

}  // namespace
}  // namespace windtunnel
