#include "simulator/study/sweep_spec.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/study/sweep_specs.h"

namespace windtunnel {
namespace {

const char* const kGrid =
    "[[axes]]\nkey = \"batch.micro_batch\"\nvalues = [1, 2]\n"
    "[[axes]]\nkey = \"parallelism.tensor\"\nfrom = 1\nto = 4\nfactor = 2\n"
    "[[linked]]\nparallelism.pipeline = [1, 2]\nstages.layers = [[24], [12, 12]]\n"
    "[[points]]\nrun.tokens = \"1 B\"\n[[points]]\nrun.tokens = \"2 B\"\n";

std::string point_text(const SweepSpec& spec, std::int64_t id) {
  std::string text;
  for (const auto& value : sweep_point(spec, id)) text += (value ? toml_text(*value) : "-") + " ";
  return text;
}

TEST(SweepSpec, APointIsTheDigitsOfItsNumberTheLastAxisFastest) {
  const TemporaryFolder folder;
  const SweepSpec spec = spec_of(folder, kGrid);
  EXPECT_EQ(spec.count, 2 * 3 * 2 * 2);
  EXPECT_EQ(sweep_keys_of(spec),
            (std::vector<std::string>{"batch.micro_batch", "parallelism.tensor",
                                      "parallelism.pipeline", "stages.layers", "run.tokens"}));
  EXPECT_EQ(point_text(spec, 0), "1 1 1 [24] \"1 B\" ");
  EXPECT_EQ(point_text(spec, 1), "1 1 1 [24] \"2 B\" ");
  EXPECT_EQ(point_text(spec, 2), "1 1 2 [12, 12] \"1 B\" ");
  EXPECT_EQ(point_text(spec, 23), "2 4 2 [12, 12] \"2 B\" ");
  std::set<std::string> all;
  for (std::int64_t id = 0; id < spec.count; ++id) all.insert(point_text(spec, id));
  EXPECT_EQ(all.size(), 24U);
}

// A fair draw of 600 from three values is within 200 +- 6 x 11.5 of each.
TEST(SweepSpec, SamplesFollowFromSeedAndNumberAlone) {
  const TemporaryFolder folder;
  const std::string axis = "[[axes]]\nkey = \"batch.micro_batch\"\nvalues = [1, 2, 4]\n";
  const SweepSpec spec = spec_of(folder, "samples = 600\nseed = 7\n" + axis);
  EXPECT_EQ(spec.count, 600);
  std::map<std::string, int> seen;
  std::string first;
  for (std::int64_t id = 0; id < 600; ++id) ++seen[point_text(spec, id)];
  for (std::int64_t id = 0; id < 40; ++id) first += point_text(spec, id);
  ASSERT_EQ(seen.size(), 3U);
  for (const auto& [value, times] : seen) EXPECT_NEAR(times, 200, 70) << value;
  const SweepSpec other = spec_of(folder, "samples = 40\nseed = 8\n" + axis);
  std::string second;
  for (std::int64_t id = 0; id < 40; ++id) second += point_text(other, id);
  EXPECT_NE(first, second);
}

TEST(SweepSpec, ACountNeedsNoWalk) {
  const TemporaryFolder folder;
  std::string text;
  for (const char* key : {"run.tokens", "memory.reserved"}) {
    text += std::string("[[axes]]\nkey = \"") + key + "\"\nfrom = \"1 " +
            (std::string(key) == "run.tokens" ? "M" : "B") + "\"\nto = \"10000000 " +
            (std::string(key) == "run.tokens" ? "M" : "B") + "\"\nstep = \"1 " +
            (std::string(key) == "run.tokens" ? "M" : "B") + "\"\n";
  }
  const SweepSpec spec = spec_of(folder, text);
  EXPECT_EQ(spec.count, 100'000'000'000'000);
  EXPECT_EQ(point_text(spec, spec.count - 1), "\"10000000 M\" \"10000000 B\" ");
}

}  // namespace
}  // namespace windtunnel
