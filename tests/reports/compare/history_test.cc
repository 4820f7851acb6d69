#include "reports/compare/history.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace windtunnel {
namespace {

std::vector<History> sample_history() {
  HistorySeries calm{.benchmark = "calm", .device = "H200", .regime = "burst", .points = {}};
  HistorySeries jumps = calm;
  jumps.benchmark = "jumps";
  for (int i = 0; i < 20; ++i) {
    const double noise = 1 + 0.001 * ((i * 7) % 5);
    const HistoryPoint point{
        .run = i + 1, .commit = "c" + std::to_string(i), .date = "", .seconds = 1e-4 * noise};
    calm.points.push_back(point);
    jumps.points.push_back(point);
    if (i >= 10) jumps.points.back().seconds *= 1.1;
  }
  return find_changes({calm, jumps}, {}, 2);
}

TEST(History, SeriesThatChangedComeFirstWithTheCommit) {
  EXPECT_EQ(render_history_text(sample_history(), false),
            "jumps         110 us    20 runs  ▁▁▁▁▁▁▁▁▁▁██████████\n"
            "  +10.0 % since c10\n"
            "calm          100 us    20 runs  ▁▅█▃▆▁▅█▃▆▁▅█▃▆▁▅█▃▆\n"
            "\n2 benchmarks, 1 with changes\n");
}

TEST(History, TheDocumentHasPointsAndChanges) {
  const auto json = nlohmann::json::parse(render_history_json(sample_history(), {"0.1", "abc"}));
  EXPECT_EQ(json["schema"], "windtunnel/history");
  EXPECT_EQ(json["series"][1]["benchmark"], "jumps");
  EXPECT_EQ(json["series"][1]["points"].size(), 20U);
  EXPECT_EQ(json["series"][1]["changes"][0]["commit"], "c10");
  EXPECT_NEAR(json["series"][1]["changes"][0]["ratio"].get<double>(), 1.1, 0.005);
  EXPECT_TRUE(json["series"][0]["changes"].empty());
}

}  // namespace
}  // namespace windtunnel
