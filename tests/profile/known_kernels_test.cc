#include "simulator/profile/known_kernels.h"

#include <gtest/gtest.h>

#include "simulator/base/csv_file.h"
#include "simulator/profile/profile_folder.h"
#include "tests/profile/profiles.h"

namespace windtunnel {
namespace {

constexpr const char* kFolder = "bench/measurements/h800/deepseek-profile-data";

/// The shipped launches as a profile would have them: streams side by side, names in full.
std::string profile_text(const CsvTable& table) {
  std::vector<std::string> events;
  std::map<std::string, double> clock;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    const std::string stream(table.cell(row, table.column("stream")));
    std::string name = "void " + std::string(table.cell(row, table.column("kernel")));
    std::replace(name.begin(), name.end(), ';', ',');
    std::string grid(table.cell(row, table.column("grid")));
    std::replace(grid.begin(), grid.end(), 'x', ',');
    const double length = table.number(row, table.column("duration_us"));
    std::string text =
        kernel(name, "\"" + stream + "\"", std::to_string(clock[stream]), std::to_string(length));
    clock[stream] += length + 1;
    text.pop_back();
    events.push_back(text + ",\"args\":{\"grid\":[" + grid + "]}}");
  }
  return file_of(events);
}

TEST(KnownName, IsCutAsInTheTable) {
  EXPECT_EQ(known_name("void a::b<c, 4>(int)"), "a::b<c; 4>(int)");
  EXPECT_EQ(known_name(std::string(200, 'x')), std::string(90, 'x'));
  EXPECT_EQ(known_name(std::string(89, 'x') + " y"), std::string(89, 'x'));
}

// Phases are left out: dispatch(B) and combine(F) launch the same kernels, so either may be said.
TEST(KnownKernels, ThePublishedStepIsRecognisedKernelByKernel) {
  const CsvTable table = load_csv(std::filesystem::path(kFolder) / "train_kernels.csv");
  const Profile profile = profile_of(profile_text(table));
  const ShapedLaunches found = shaped_launches(profile, load_known_sequences(kFolder));
  EXPECT_EQ(found.launches.size(), table.row_count());
  EXPECT_EQ(found.unshaped_kernels, 0);
  EXPECT_EQ(found.recognised, static_cast<std::int64_t>(table.row_count()));
  EXPECT_EQ(communication_sms(profile), 20);
  std::map<std::string, int> expected;
  std::map<std::string, int> seen;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    std::string key;
    for (const char* column : {"operation", "dtype", "m", "n", "k", "groups"}) {
      key += " " + std::string(table.cell(row, table.column(column)));
    }
    ++expected[key + " " + std::to_string(table.integer(row, table.column("duration_us")) * 1000)];
  }
  for (const ShapedLaunch& launch : found.launches) {
    const KernelShape& shape = launch.shape;
    std::string key = " " + std::string(operation_name(shape.operation));
    key += " " + std::string(dtype_name(shape.dtype));
    for (const std::int64_t size : {shape.m, shape.n, shape.k, shape.groups}) {
      key += " " + std::to_string(size);
    }
    ++seen[key + " " + std::to_string(launch.nanoseconds)];
  }
  EXPECT_EQ(seen, expected);
}

TEST(KnownKernels, AnotherGridIsAnotherShapeAndNotRecognised) {
  const std::vector<KnownSequence> sequences = {
      {"attn(F)",
       {{"a", "4x1x1", {Operation::kGemm, Dtype::kFp8, 1, 2, 3, 1}},
        {"b", "", {Operation::kSmall, Dtype::kFp32, 1, 0, 0, 1}}}}};
  const auto with_grid = [](const char* grid) {
    std::string first = kernel("a", "7", "0", "1");
    first.pop_back();
    return profile_of(file_of({first + ",\"args\":{\"grid\":" + grid + "}}",
                               kernel("b", "7", "2", "1"), kernel("b", "7", "4", "1")}));
  };
  EXPECT_EQ(recognise(with_grid("[4,1,1]"), sequences).size(), 2U);
  EXPECT_EQ(recognise(with_grid("[8,1,1]"), sequences).size(), 0U);
}

}  // namespace
}  // namespace windtunnel
