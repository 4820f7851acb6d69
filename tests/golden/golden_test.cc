// The committed projection of every scenario: a change of a number is read as a diff and accepted
// with ./run accept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "reports/render/json.h"
#include "reports/render/serving_json.h"
#include "simulator/base/threads.h"
#include "simulator/study/campaign.h"
#include "simulator/study/serving.h"
#include "simulator/workload/scenario_kind.h"
#include "tests/golden/golden_document.h"
#include "tests/reports/golden_text.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = "reports/golden";
constexpr BuildVersion kAnyBuild = {};

/// Architectures, published figures and questions about many scenarios are no scenarios.
std::vector<fs::path> scenarios() {
  std::vector<fs::path> all;
  for (const auto& entry : fs::recursive_directory_iterator("scenarios")) {
    const std::string folder = entry.path().parent_path().string();
    const bool other =
        folder.starts_with("scenarios/models") || folder.starts_with("scenarios/published") ||
        folder.starts_with("scenarios/plans") || folder.starts_with("scenarios/sweeps");
    if (entry.path().extension() == ".toml" && !other) all.push_back(entry.path());
  }
  std::sort(all.begin(), all.end());
  return all;
}

fs::path golden_of(const fs::path& scenario) {
  return kGolden / fs::path(scenario).replace_extension(".json").lexically_relative("scenarios");
}

std::string document_of(const fs::path& scenario) {
  const SimulationOptions how{.fidelity = Fidelity::kFolded,
                              .threads = hardware_threads(),
                              .root = fs::current_path(),
                              .progress = {}};
  if (scenario_family(scenario, {}) == ScenarioFamily::kServing) {
    return render_serving_json(simulate_serving(load_serving(scenario, {}), how), kAnyBuild);
  }
  return render_json(project(scenario, {}, how).projection, kAnyBuild);
}

TEST(Golden, EveryScenarioIsProjectedAsCommitted) {
  EXPECT_GE(scenarios().size(), 40U);
  for (const fs::path& scenario : scenarios()) {
    const fs::path golden = golden_of(scenario);
    if (std::getenv("WINDTUNNEL_ACCEPT") != nullptr) fs::create_directories(golden.parent_path());
    expect_file(golden.string(), golden_document(document_of(scenario)));
  }
}

// What is committed is read: none stays behind when its scenario goes, and all together are small.
TEST(Golden, NothingStaysBehind) {
  std::set<fs::path> wanted;
  for (const fs::path& scenario : scenarios()) wanted.insert(golden_of(scenario));
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kGolden)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_TRUE(wanted.contains(entry.path())) << entry.path() << " has no scenario";
    bytes += entry.file_size();
  }
  EXPECT_LT(bytes, 1'000'000U);
}

TEST(GoldenDocument, KeepsWhatAReaderWantsAndSixDigits) {
  EXPECT_EQ(golden_document(R"({"schema": "s", "windtunnel": {"commit": "x"},
                                "inputs": [{"path": "a.toml", "hash": "1"}],
                                "step": {"time_s": 18.84999999999999, "ranks": [1, 2]},
                                "engine": {"wall_s": 3}, "terms": [1]})"),
            "{\"schema\":\"s\",\"inputs\":[\"a.toml\"],\"step\":{\"time_s\":18.85}}\n");
}

}  // namespace
}  // namespace windtunnel
