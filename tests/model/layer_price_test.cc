// The model's kernels, priced, against the sums that the trace recorded for each phase.
#include <gtest/gtest.h>

#include <map>

#include "simulator/hardware/step_price.h"
#include "tests/model/models.h"
#include "tests/model/train_kernels.h"

namespace windtunnel {
namespace {

class LayerPrice : public testing::Test {
 protected:
  const std::vector<Gpu> gpus_ = load_gpus("topologies/gpus");
  const StepMeasurements step_ = load_step_measurements(kTraceFolder, gpus_);
  const Architecture v3_ = deepseek_v3();

  /// Microseconds of a layer in each phase, with the rows of the trace: its expectation is 32768,
  /// the four layers had other numbers.
  std::map<Phase, double> priced(const std::map<Phase, double>& rows) const {
    std::map<Phase, double> sums;
    for (const LayerOp& op : layer_ops(v3_, 10, kTracedShape)) {
      KernelShape kernel = op.kernel;
      if (op.routed) {
        kernel.m =
            static_cast<std::int64_t>(static_cast<double>(kernel.m) * rows.at(op.phase) / 32768);
      }
      const Price price = step_price(step_, *find_gpu(gpus_, "h800"), kernel, 112);
      sums[op.phase] += op.launches * price.time.value * 1e6;
    }
    return sums;
  }
};

TEST_F(LayerPrice, PhasesAgreeWithTheTraceWithinOnePercent) {
  std::map<Phase, double> traced;
  std::map<Phase, double> rows;
  for (const TracedKernel& kernel : traced_kernels()) {
    traced[kernel.phase] += kernel.microseconds / kTracedLayers;
    if (kernel.shape.operation == Operation::kPermute) {
      rows[kernel.phase] += static_cast<double>(kernel.shape.m) / kTracedLayers;
    }
  }
  rows[Phase::kMlpWeight] = rows[Phase::kMlpBackward];
  const std::map<Phase, double> model = priced(rows);
  for (const Phase phase : {Phase::kAttentionForward, Phase::kMlpForward, Phase::kMlpBackward,
                            Phase::kAttentionBackward, Phase::kAttentionWeight}) {
    EXPECT_NEAR(model.at(phase) / traced.at(phase), 1, 0.01) << static_cast<int>(phase);
    RecordProperty("phase_" + std::to_string(static_cast<int>(phase)),
                   std::to_string(model.at(phase)) + " of " + std::to_string(traced.at(phase)));
  }
}

TEST_F(LayerPrice, GroupedWeightGradientsRunAtTheRateOfThoseThatRanAlone) {
  double flops = 0;
  double seconds = 0;
  for (const LayerOp& op : layer_ops(v3_, 10, kTracedShape)) {
    if (op.kernel.operation != Operation::kGroupedWeightGradient) continue;
    const Price price = step_price(step_, *find_gpu(gpus_, "h800"), op.kernel, 112);
    EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
    EXPECT_LT(price.low, price.time);
    EXPECT_LT(price.time, price.high);
    flops += op.launches * work(op.kernel).flops.value;
    seconds += op.launches * price.time.value;
  }
  // attn(W) reaches 642 TFLOPS, the shared expert's two 656.
  EXPECT_NEAR(flops / seconds / 1e12, 650, 15);
}

TEST_F(LayerPrice, EverythingElseOfAV3LayerIsMeasured) {
  for (const LayerOp& op : layer_ops(v3_, 10, kTracedShape)) {
    if (op.kernel.operation == Operation::kGroupedWeightGradient) continue;
    const Price price = step_price(step_, *find_gpu(gpus_, "h800"), op.kernel, 112);
    EXPECT_EQ(price.provenance.basis, Basis::kMeasured) << operation_name(op.kernel.operation);
  }
}

}  // namespace
}  // namespace windtunnel
