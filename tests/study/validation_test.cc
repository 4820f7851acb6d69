#include "simulator/study/validation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

/// A root with the shipped measurements and GPUs, and the published figures of `figures`.
class ValidationOf : public ::testing::Test {
 protected:
  TemporaryFolder folder_;

  void SetUp() override {
    std::filesystem::create_directory_symlink(std::filesystem::absolute("bench"),
                                              folder_.path / "bench");
    std::filesystem::create_directory_symlink(std::filesystem::absolute("topologies"),
                                              folder_.path / "topologies");
  }

  void publish(const std::string& name, const std::string& figures) const {
    const auto pair = std::filesystem::absolute("scenarios/deepseek-v3/overlapped_pair.toml");
    folder_.write("scenarios/published/" + name + ".toml",
                  "scenario = \"" + pair.string() + "\"\nmodel = \"" + name + "\"\n" + figures);
  }
};

std::string figure(const std::string& quantity, const std::string& rest) {
  return "[[figures]]\nquantity = \"" + quantity + "\"\nunit = \"x\"\nsource = \"here\"\n" + rest;
}

// All of them: tests/cli/validate_test.cc.
TEST(Validation, ThePreTrainingOfV3IsWithinItsTolerances) {
  const Validation all = validate(".", "V3-Base", 2);
  EXPECT_EQ(all.rows.size(), 7U);
  for (const ComparisonRow& row : all.rows) {
    EXPECT_FALSE(fails(row)) << row.quantity << " " << row.projected;
    EXPECT_TRUE(row.comparable) << row.quantity;
  }
}

TEST_F(ValidationOf, PutsFailuresFirstAndReadsFilesInNameOrder) {
  publish("b", figure("parameters", "value = 671e9\ntolerance = 0.01\n"));
  publish("a", figure("active_parameters", "value = 1e9\ntolerance = 0.01\n") +
                   figure("parameters", "value = 1.0\nreason = \"another model\"\n"));
  const Validation all = validate(folder_.path, "", 1);
  ASSERT_EQ(all.rows.size(), 3U);
  EXPECT_EQ(all.rows[0].quantity, "active_parameters");
  EXPECT_TRUE(fails(all.rows[0]));
  EXPECT_EQ(all.rows[1].model, "b");
  EXPECT_EQ(all.rows[2].reason, "another model");
}

TEST_F(ValidationOf, FiltersByModelOrQuantityInAnyCase) {
  publish("Alpha", figure("parameters", "value = 671e9\n"));
  publish("Beta", figure("active_parameters", "value = 37e9\n"));
  EXPECT_EQ(validate(folder_.path, "ALPHA", 1).rows.size(), 1U);
  EXPECT_EQ(validate(folder_.path, "Parameters", 1).rows.size(), 2U);
  EXPECT_EQ(validate(folder_.path, "active", 1).rows[0].model, "Beta");
}

// A gate that compares nothing must not pass.
TEST_F(ValidationOf, NothingIsAnError) {
  EXPECT_EQ(folder_.without_folder(message_of([&] { validate(folder_.path, "", 1); })),
            "no published figure in scenarios/published");
  publish("Alpha", figure("parameters", "value = 671e9\n"));
  EXPECT_EQ(message_of([&] { validate(folder_.path, "beta", 1); }),
            "no published figure whose model or quantity contains `beta`");
}

TEST_F(ValidationOf, ListsEachInputOnce) {
  publish("a", figure("parameters", "value = 671e9\n"));
  publish("b", figure("parameters", "value = 671e9\n"));
  const Validation all = validate(folder_.path, "", 1);
  std::vector<std::string> paths;
  for (const InputFile& input : all.inputs) paths.push_back(input.path);
  std::sort(paths.begin(), paths.end());
  EXPECT_GT(paths.size(), 3U);
  EXPECT_EQ(std::adjacent_find(paths.begin(), paths.end()), paths.end());
}

TEST(Validation, ASetIsOneSummaryAndARowForEachRun) {
  const Validation set = validate(".", "VTRAIN", 2);
  ASSERT_EQ(set.sets.size(), 1U);
  EXPECT_EQ(set.rows.size(), 338U);
  EXPECT_EQ(set.sets[0].runs, 338);
  RecordProperty("median_absolute_error", std::to_string(set.sets[0].median_absolute));
  // What is reached, so that a change for the worse is seen; the target is 0.08.
  EXPECT_LT(set.sets[0].median_absolute, 0.17);
  EXPECT_TRUE(validate(".", "usd", 2).sets.empty());
}

}  // namespace
}  // namespace windtunnel
