#include "reports/render/links.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(Links, LeadToRepositoriesPapersAndPages) {
  EXPECT_EQ(linked("deepseek-ai/profile-data@4496024, inside a step"),
            "<a href=\"https://github.com/deepseek-ai/profile-data/tree/4496024\">"
            "deepseek-ai/profile-data@4496024</a>, inside a step");
  EXPECT_EQ(linked("arXiv 2505.09343: 40 GB/s"),
            "<a href=\"https://arxiv.org/abs/2505.09343\">arXiv 2505.09343</a>: 40 GB/s");
  EXPECT_EQ(linked("(see https://a.b/c?d=1&e=2)."),
            "(see <a href=\"https://a.b/c?d=1&amp;e=2\">https://a.b/c?d=1&amp;e=2</a>).");
}

TEST(Links, LeaveOtherWordsAsTheyAre) {
  EXPECT_EQ(linked(""), "");
  EXPECT_EQ(linked("a <b> & bench/measurements, me@home"),
            "a &lt;b&gt; &amp; bench/measurements, me@home");
  EXPECT_EQ(linked("javascript://x"), "javascript://x");
}

}  // namespace
}  // namespace windtunnel
