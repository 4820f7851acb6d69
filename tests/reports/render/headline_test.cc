#include "reports/render/headline.h"

#include <gtest/gtest.h>

#include "tests/analysis/deployment.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(Headline, AnswersWhatHowLongHowSureAndWhy) {
  const Projection projection = sample_projection({4, 10});
  const std::string html = headline(projection);
  EXPECT_EQ(markup_problem(html), "");
  EXPECT_EQ(occurrences(html, "<dt>"), 4);
  for (const char* text :
       {"DeepSeek-V3-Base on 2,048 x H800: pipeline 4", "GPU hours in four cases",
        "of a step is bubble", "What could change it most is"}) {
    EXPECT_NE(html.find(text), std::string::npos) << text;
  }
}

TEST(Headline, SaysWhatDoesNotFitAndWhatWasNotPublished) {
  Projection projection = sample_projection({4, 10});
  projection.memory.fits = false;
  projection.published.clear();
  const std::string html = headline(projection);
  EXPECT_NE(html.find("which does not fit"), std::string::npos);
  EXPECT_NE(html.find("Nothing was published"), std::string::npos);
  EXPECT_EQ(markup_problem(headline(empty_projection())), "");
}

TEST(Headline, OfADeploymentNamesRatesOrWhyThereAreNone) {
  ServingProjection projection = small_deployment();
  EXPECT_NE(headline(projection).find("1,000 output tokens/s a GPU"), std::string::npos);
  projection.rates.reset();
  projection.unpriced = "no <kernels>";
  EXPECT_NE(headline(projection).find("No times: no &lt;kernels&gt;."), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
