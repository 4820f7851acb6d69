#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/hardware/gpu.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

constexpr const char* kGpu = R"(id = "x1"
name = "X1"
source = "data sheet"
status = "verified"
sms = 132
bf16_peak = "989.4 TFLOPS"
fp32_peak = "66.9 TFLOPS"
memory = "80 GB"
memory_rate = "3.35 TB/s"
l2 = "50 MB"
nvlink = "450 GB/s"
)";

std::string error_of(const std::string& text) {
  try {
    decode(gpu_fields(), parse_toml(text, "x1.toml"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(GpuFile, QuantitiesHaveUnitsAndFp8AndSiblingsMayBeMissing) {
  const Gpu gpu = decode(gpu_fields(), parse_toml(kGpu, "x1.toml"));
  EXPECT_DOUBLE_EQ(gpu.bf16_peak.value, 989.4e12);
  EXPECT_DOUBLE_EQ(gpu.memory_rate.value, 3.35e12);
  EXPECT_DOUBLE_EQ(gpu.nvlink.value, 450e9);
  EXPECT_FALSE(gpu.fp8_peak);
  EXPECT_TRUE(gpu.siblings.empty());
}

TEST(GpuFile, AMisspeltKeyIsAnErrorWithASuggestion) {
  const std::string error = error_of(std::string(kGpu) + "nvlnk = \"1 GB/s\"\n");
  EXPECT_NE(error.find("x1.toml:12:1"), std::string::npos) << error;
  EXPECT_NE(error.find("nvlink"), std::string::npos) << error;
}

TEST(GpuFile, AnAbsurdNumberOfSmsIsAnError) {
  std::string text = kGpu;
  text.replace(text.find("132"), 3, "0");
  EXPECT_NE(error_of(text).find("x1.toml:5:7"), std::string::npos) << error_of(text);
}

TEST(GpuFile, ShippedFilesAreNamedAfterTheirGpu) {
  for (const Gpu& gpu : load_gpus("topologies/gpus")) {
    EXPECT_TRUE(std::filesystem::exists("topologies/gpus/" + gpu.id + ".toml")) << gpu.id;
  }
  EXPECT_DOUBLE_EQ(load_gpu("topologies/gpus/h800.toml", {}).nvlink.value, 200e9);
}

TEST(GpuFile, TwoGpusOfOneNameAreAnError) {
  const TemporaryFolder folder;
  folder.write("a.toml", kGpu);
  folder.write("b.toml", kGpu);
  EXPECT_EQ(folder.without_folder(message_of([&] { load_gpus(folder.path); })),
            "b.toml:1:6: error: another GPU is called `x1`\n"
            "   1 | id = \"x1\"\n"
            "     |      ^\n"
            "  accepted: a name of its own\n"
            "a.toml:1:6: note: the other one\n"
            "   1 | id = \"x1\"\n"
            "     |      ^\n");
}

TEST(GpuFile, ASiblingExists) {
  const TemporaryFolder folder;
  folder.write("a.toml", std::string(kGpu) +
                             "[[siblings]]\nid = \"x2\"\ndiffers = \"NVLink\"\nsource = \"s\"\n");
  const std::string error = folder.without_folder(message_of([&] { load_gpus(folder.path); }));
  EXPECT_EQ(error.find("a.toml:13:6: error: no GPU is called `x2`"), 0U) << error;
}

TEST(GpuFile, AFolderWithoutGpusIsAUsageError) {
  EXPECT_THROW(load_gpus("topologies/none"), UsageError);
}

}  // namespace
}  // namespace windtunnel
