#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "simulator/base/error.h"
#include "simulator/hardware/step_price.h"
#include "simulator/hardware/step_trace.h"
#include "tests/base/message.h"
#include "tests/hardware/step_gpus.h"

namespace windtunnel {
namespace {

constexpr const char* kStep = R"(gpu = "traced"
source = "test"
compute_sms = 80
[notify]
time = "1 us"
low = "0 us"
high = "2 us"
source = "test"
)";
constexpr const char* kKernels = R"(duration_us,operation,dtype,m,n,k,groups
2,small,fp32,4096,1,0,1
60,cast,bf16,10000,1000,0,1
500,attention_forward,bf16,4096,128,192,8
)";

class StepTraceFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    write("step.toml", kStep);
    write("train_kernels.csv", kKernels);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const char* name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  std::string error() const {
    try {
      load_step_measurements(folder_, {traced_gpu()});
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  }

  std::filesystem::path folder_;
};

TEST_F(StepTraceFile, BecomesStatistics) {
  const StepMeasurements step = load_step_measurements(folder_, {traced_gpu()});
  EXPECT_EQ(step.trace->sms, 80);
  EXPECT_DOUBLE_EQ(step.trace->launch, 2e-6);
  EXPECT_EQ(step.trace->kernels.size(), 3U);
  EXPECT_DOUBLE_EQ(step.trace->notify.high.value, 2e-6);
}

TEST_F(StepTraceFile, AnUnknownOperationIsPointedAt) {
  std::string text = kKernels;
  write("train_kernels.csv", text.replace(text.find("cast"), 4, "kast"));
  EXPECT_NE(error().find(":3:4: error: unknown operation"), std::string::npos) << error();
}

TEST_F(StepTraceFile, DurationsArePositiveButForBookkeeping) {
  for (const char* wrong : {"-6", "0"}) {
    std::string text = kKernels;
    write("train_kernels.csv", text.replace(text.find("60"), 2, wrong));
    EXPECT_NE(error().find("train_kernels.csv:3:1: error: duration_us must be positive"),
              std::string::npos)
        << error();
  }
  write("train_kernels.csv", std::string(kKernels) + "0,small,fp32,4096,1,0,1\n");
  EXPECT_EQ(error(), "");
}

TEST_F(StepTraceFile, AProfileWithoutKernelsIsRefused) {
  const std::string text = kKernels;
  write("train_kernels.csv", text.substr(0, text.find('\n') + 1));
  EXPECT_NE(error().find("train_kernels.csv:1:1: error: the profile cannot price a step"),
            std::string::npos)
      << error();
}

TEST_F(StepTraceFile, SmsAreThoseOfTheGpu) {
  std::string text = kStep;
  write("step.toml", text.replace(text.find("80"), 2, "101"));
  EXPECT_NE(error().find("step.toml:3:15: error: more than the 100 SMs of Traced"),
            std::string::npos)
      << error();
}

TEST_F(StepTraceFile, TheBarriersIntervalHoldsItsTime) {
  std::string low = kStep;
  write("step.toml", low.replace(low.find("low = \"0"), 8, "low = \"3"));
  EXPECT_NE(error().find("step.toml:6:7: error: the interval does not hold the time"),
            std::string::npos)
      << error();
  std::string high = kStep;
  write("step.toml", high.replace(high.find("\"2 us"), 5, "\"0 us"));
  EXPECT_NE(error().find("step.toml:7:8: error: the interval does not hold the time"),
            std::string::npos)
      << error();
}

TEST_F(StepTraceFile, Fp8NeedsAGpuThatHasIt) {
  write("train_kernels.csv", std::string(kKernels) + "70,cast,fp8,4096,7168,0,1\n");
  EXPECT_EQ(error(), "");
  Gpu gpu = traced_gpu();
  gpu.fp8_peak.reset();
  EXPECT_NE(message_of([&] {
              load_step_measurements(folder_, {gpu});
            }).find("train_kernels.csv:5:9: error: Traced has no FP8 tensor cores"),
            std::string::npos);
}

TEST_F(StepTraceFile, AnUnknownGpuIsPointedAt) {
  std::string text = kStep;
  write("step.toml", text.replace(text.find("traced"), 6, "h900"));
  EXPECT_NE(error().find("step.toml:1:7: error: no GPU is called `h900`"), std::string::npos)
      << error();
}

TEST_F(StepTraceFile, AMissingColumnIsRefused) {
  std::string text = kKernels;
  write("train_kernels.csv", text.replace(text.find("groups"), 6, "grupos"));
  EXPECT_NE(error().find("groups"), std::string::npos) << error();
}

}  // namespace
}  // namespace windtunnel
