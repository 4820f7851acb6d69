#include "simulator/hardware/work_terms.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

WorkTerms terms_of(std::string_view table, const std::vector<std::string>& categories,
                   const std::vector<double>& axes) {
  return find_table_rule(table)->terms({categories, axes});
}

TEST(WorkTerms, StartWithTheLaunch) {
  for (const TableRule& rule : table_rules()) {
    const std::vector<std::string> categories(rule.categories.size(), "8");
    const std::vector<double> axes(rule.axes.size(), 16);
    if (rule.stated_interval > 0) continue;  // listed shapes, without a launch of their own
    EXPECT_EQ(rule.terms({categories, axes})[0], 1) << rule.table;
  }
}

TEST(WorkTerms, OfAGemmAreItsProductAndItsOperands) {
  const WorkTerms terms = terms_of("gemm", {"bfloat16"}, {2, 3, 5});
  EXPECT_EQ(terms[1], 30);           // m n k
  EXPECT_EQ(terms[2], 15);           // n k
  EXPECT_EQ(terms[3], 2 * (3 + 5));  // m (n + k)
}

TEST(WorkTerms, OfAPromptGrowWithTheSquareOfItsLength) {
  const WorkTerms once = terms_of("mla_context", {"bfloat16"}, {16, 4, 1024});
  const WorkTerms twice = terms_of("mla_context", {"bfloat16"}, {16, 4, 2048});
  EXPECT_EQ(twice[1] / once[1], 4);
  EXPECT_EQ(twice[2] / once[2], 2);
}

TEST(WorkTerms, OfDecodingReadTheCacheOnceForAllHeads) {
  const WorkTerms few = terms_of("mla_decode", {"bfloat16", "bfloat16"}, {16, 4, 1000});
  const WorkTerms many = terms_of("mla_decode", {"bfloat16", "bfloat16"}, {128, 4, 1000});
  EXPECT_EQ(few[1], many[1]);
  EXPECT_EQ(8 * few[2], many[2]);
}

TEST(WorkTerms, SglangCountsTokensOfARankAndTrtllmOfTheGroup) {
  const auto expert_terms = [](const std::string& source, double tokens) {
    return terms_of("moe", {source, "fp8_block", "balanced", "7168", "2048", "8", "256"},
                    {64, tokens});
  };
  const WorkTerms sglang = expert_terms("sglang", 16), trtllm = expert_terms("trtllm", 16 * 64);
  for (std::size_t i = 0; i < kWorkTerms; ++i) EXPECT_DOUBLE_EQ(sglang[i], trtllm[i]);
}

TEST(WorkTerms, FewTokensWakeFewExperts) {
  const auto weights = [](double tokens) {
    return terms_of("moe", {"trtllm", "fp8_block", "balanced", "1", "1", "8", "256"},
                    {1, tokens})[1];
  };
  EXPECT_NEAR(weights(1), 8, 1e-9);         // eight of 256
  EXPECT_NEAR(weights(100000), 256, 1e-6);  // all
}

}  // namespace
}  // namespace windtunnel
