#include "reports/render/validation_text.h"

#include <gtest/gtest.h>

#include "tests/reports/golden_text.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(ValidationText, TheTableIsPinnedWhole) {
  expect_golden("validation.txt", render_validation_text(sample_projection().published, false));
}

TEST(ValidationText, NoRowsAreCountedAsNone) {
  const std::string text = render_validation_text({}, false);
  EXPECT_NE(text.find("0 outside tolerance, 0 within"), std::string::npos) << text;
}

TEST(ValidationText, ColourComesOnlyWhenAsked) {
  const auto rows = sample_projection().published;
  EXPECT_EQ(occurrences(render_validation_text(rows, false), "\x1b"), 0);
  EXPECT_EQ(occurrences(render_validation_text(rows, true), "\x1b[1;31m"), 1);
}

SetSummary set_with(double median, std::optional<double> target, std::optional<double> tolerance) {
  return {.statement = {.model = "Runs",
                        .source = "here",
                        .target = target,
                        .tolerance = tolerance,
                        .missed = "hosts differ"},
          .runs = 12,
          .median_absolute = median,
          .p90_absolute = 0.5,
          .median_signed = 0,
          .within_target = 3,
          .worst = {}};
}

TEST(ValidationText, ASetIsALineAndWhyItMissesItsTarget) {
  EXPECT_EQ(
      render_set_text({set_with(0.153, 0.08, {})}, false),
      "\nRuns: 12 runs, median |error| 15.3 %, nine of ten within 50.0 %  misses the target of "
      "8 %\n    hosts differ\n");
  const auto words = [](const SetSummary& set) { return render_set_text({set}, false); };
  EXPECT_NE(words(set_with(0.05, 0.08, {})).find("within the target of 8 %"), std::string::npos);
  EXPECT_NE(words(set_with(0.05, 0.08, 0.04)).find("outside 4 %"), std::string::npos);
  EXPECT_NE(words(set_with(0.05, 0.08, 0.1)).find("within 10 %"), std::string::npos);
  EXPECT_NE(words(set_with(0.05, {}, {})).find("no tolerance"), std::string::npos);
  EXPECT_EQ(render_set_text({}, false), "");
}

}  // namespace
}  // namespace windtunnel
