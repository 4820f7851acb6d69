#include <gtest/gtest.h>

#include "reports/compare/result_file.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

/// A state with what stands in its summaries.
std::string nvbench(const std::string& summaries) {
  return R"({"devices": [{"id": 0, "name": "NVIDIA H200"}], "benchmarks": [{"name": "copy",
    "states": [{"name": "Device=0 Size=4", "device": 0, "is_skipped": false, "axis_values":
    [{"name": "Size", "type": "int64", "value": "4"}], "summaries": [)" +
         summaries + "]}]}]}";
}

std::string file_summary(const char* tag, const char* name, int size) {
  return std::string(R"({"tag": ")") + tag + R"(", "data": [{"name": "filename", "type": "string",
    "value": ")" +
         name + R"("}, {"name": "size", "type": "int64", "value": ")" + std::to_string(size) +
         "\"}]}";
}

// 1.0f and 2.0f, little-endian.
const std::string kFloats("\0\0\x80\x3f\0\0\0\x40", 8);

TEST(NvbenchResults, SamplesAndClocksComeFromTheFilesBeside) {
  const TemporaryFolder folder;
  folder.write("r.json-bin/0.bin", kFloats);
  folder.write("r.json-freqs-bin/0.bin", std::string("\0\x28\x6b\x4e\0\x28\x6b\x4e", 8));
  const auto path = folder.write(
      "r.json",
      nvbench(file_summary("nv/json/bin:nv/cold/sample_times", "r.json-bin/0.bin", 2) + "," +
              file_summary("nv/json/freqs-bin:nv/cold/sample_freqs", "r.json-freqs-bin/0.bin", 2)));
  const ResultSet set = load_results(path);
  ASSERT_EQ(set.benchmarks.size(), 1U);
  EXPECT_EQ(set.benchmarks[0].name, "copy/Size=4");
  EXPECT_EQ(set.benchmarks[0].seconds, (std::vector{1.0, 2.0}));
  ASSERT_EQ(set.benchmarks[0].mhz.size(), 2U);
  EXPECT_NEAR(set.benchmarks[0].mhz[0], 986.3, 0.1);  // 0x4e6b2800 Hz
  EXPECT_EQ(set.device, "NVIDIA H200");
}

TEST(NvbenchResults, AFileBesideThatIsShortIsToldWithItsBytes) {
  const TemporaryFolder folder;
  folder.write("0.bin", kFloats.substr(0, 7));
  const auto path =
      folder.write("r.json", nvbench(file_summary("nv/json/bin:nv/cold/sample_times", "0.bin", 2)));
  EXPECT_NE(message_of([&] { load_results(path); }).find("has 7 bytes, 2 samples of 4"),
            std::string::npos);
  std::filesystem::remove(folder.path / "0.bin");
  EXPECT_NE(message_of([&] { load_results(path); }).find("error: no file `"), std::string::npos);
}

TEST(NvbenchResults, WithoutSamplesTheMedianIsOneAndSkippedIsAFailure) {
  const ResultSet set = read_results(parse_json(
      nvbench(R"({"tag": "nv/cold/time/gpu/mean", "data": [{"name": "value", "type": "float64",
              "value": "0.003"}]}, {"tag": "nv/cold/time/gpu/median", "data": [{"name": "value",
              "type": "float64", "value": "0.002"}]})"),
      "r.json"));
  EXPECT_EQ(set.benchmarks.at(0).seconds, std::vector{0.002});
  const ResultSet skipped = read_results(parse_json(
      R"({"devices": [], "benchmarks": [{"name": "a", "states": [{"is_skipped": true,
          "skip_reason": "too large"}]}]})",
      "r.json"));
  EXPECT_EQ(skipped.benchmarks.at(0).failure, "skipped: too large");
}

}  // namespace
}  // namespace windtunnel
