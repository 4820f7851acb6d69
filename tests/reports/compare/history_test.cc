#include "reports/compare/history.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/compare/sample_history.h"

namespace windtunnel {
namespace {

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
