#include "reports/compare/pairs.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

BenchmarkSamples of(const std::string& name, std::size_t samples, const std::string& code = "") {
  BenchmarkSamples it{};
  it.name = name;
  for (std::size_t i = 0; i < samples; ++i) it.seconds.push_back(1 + 0.01 * static_cast<double>(i));
  it.code = code;
  return it;
}

ResultSet set_of(std::vector<BenchmarkSamples> benchmarks) {
  ResultSet set{};
  set.benchmarks = std::move(benchmarks);
  return set;
}

TEST(Pairs, NamesakesMeetInTheOrderOfBaseAndNewOnesFollow) {
  const ResultSet base = set_of({of("a", 9), of("b", 9), of("c", 9)});
  const ResultSet now = set_of({of("d", 9), of("c", 9), of("a", 9)});
  const std::vector<Pair> pairs = matched(base, now);
  ASSERT_EQ(pairs.size(), 4U);
  EXPECT_EQ(pairs[0].now, &now.benchmarks[2]);
  EXPECT_EQ(pairs[1].now, nullptr);
  EXPECT_EQ(pairs[2].now, &now.benchmarks[1]);
  EXPECT_EQ(pairs[3].base, nullptr);
  EXPECT_EQ(pairs[3].now, &now.benchmarks[0]);
}

TEST(Pairs, TheSameCodeIsKnownByItsHashOnOneMachine) {
  const ResultSet base = set_of({of("a", 9, "cafe"), of("b", 9, "cafe"), of("c", 9)});
  ResultSet now = set_of({of("a", 9, "cafe"), of("b", 9, "beef"), of("c", 9)});
  EXPECT_TRUE(matched(base, now)[0].same_code);
  EXPECT_FALSE(matched(base, now)[1].same_code);
  EXPECT_FALSE(matched(base, now)[2].same_code);
  now.driver = "other";
  EXPECT_FALSE(matched(base, now)[0].same_code);
}

TEST(Pairs, TooFewSamplesAndFailuresAreNoEvidence) {
  ResultSet base = set_of({of("a", 9), of("b", 4), of("c", 9)});
  ResultSet now = set_of({of("a", 9), of("b", 9), of("c", 9)});
  now.benchmarks[2].failure = "wrong";
  std::vector<Pair> pairs = matched(base, now);
  weigh_all(pairs, 0.99, 2);
  ASSERT_TRUE(pairs[0].evidence);
  EXPECT_EQ(pairs[0].evidence->time.ratio.ratio, 1);
  EXPECT_EQ(pairs[0].adjusted_p, 1);
  EXPECT_FALSE(pairs[1].evidence);
  EXPECT_FALSE(pairs[2].evidence);
}

}  // namespace
}  // namespace windtunnel
