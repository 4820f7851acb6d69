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

}  // namespace
}  // namespace windtunnel
