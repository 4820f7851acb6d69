#include "simulator/hardware/author_rules.h"

#include <gtest/gtest.h>

#include "simulator/hardware/table_price.h"
#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

/// A row of a table as its authors have it: the shape, and its times in microseconds.
struct Listed {
  std::string_view table;
  const char* shape;
  std::vector<double> microseconds;
};

const std::vector<Listed>& listed() {
  static const std::vector<Listed> rows = {
      {"grouped_contiguous",
       "dtype,groups,m_per_group,n,k\nfp8_block,4,8192,7168,2048\n",
       {792.482}},
      {"grouped_masked", "dtype,groups,m_per_group,n,k\nfp8_block,2,512,4096,7168\n", {57.817}},
      {"grouped_gemm_decode",
       "num_experts,num_gpus,num_local_experts,topk,hidden_size,intermediate_size,"
       "batch_size_per_gpu,tokens_per_expert\n256,64,4,8,7168,2048,256,512\n",
       {134.862, 84.623}},
      {"mha_decode",
       "dtype,kv_dtype,num_heads,num_kv_heads,head_dim,batch_size,kv_len\n"
       "bfloat16,bfloat16,128,2,128,64,8192\n",
       {211.866}},
      {"mla_decode_infersim",
       "dtype,kv_dtype,num_heads,batch_size,kv_len\nbfloat16,bfloat16,128,32,8192\n",
       {148.468}},
      {"mla_prefill", "dtype,num_heads,seq_len\nbfloat16,128,8192\n", {4538.828}},
      {"dsa_decode_attn", "dtype,kv_dtype,batch_size,kv_len\nbfloat16,fp8,64,4096\n", {95.827}},
      {"dsa_decode_logits", "batchsize,next_n,s_kv\n64,2,8192\n", {37.714}},
      {"dsa_prefill_attn", "dtype,s_q,s_kv\nbfloat16,4096,8192\n", {3632.936}},
      {"dsa_prefill_logits", "s_q,s_kv\n2048,16384\n", {444.289}}};
  return rows;
}

PricedRow priced(std::string_view table, std::string_view gpu, const std::string& shape) {
  return price_rows(shipped(), table, gpu, parse_csv(shape, "shapes.csv")).front();
}

TEST(AuthorRules, EveryTableAnswersWithItsOwnRow) {
  for (const Listed& row : listed()) {
    const PricedRow answer = priced(row.table, "h800", row.shape);
    ASSERT_EQ(answer.prices.size(), row.microseconds.size()) << row.table;
    for (std::size_t value = 0; value < row.microseconds.size(); ++value) {
      const Price& price = answer.prices[value];
      EXPECT_NEAR(price.time.value * 1e6, row.microseconds[value], 1e-9) << row.table;
      EXPECT_EQ(price.provenance.basis, Basis::kMeasured) << row.table;
      EXPECT_LT(price.low, price.time) << row.table;
      EXPECT_GT(price.high, price.time) << row.table;
    }
  }
  EXPECT_EQ(listed().size() + 1, author_rules().size());  // and FlashMLA's rates
}

TEST(AuthorRules, TheSameChipTakesThemScaled) {
  const Price h100 =
      priced("mla_prefill", "h100", "dtype,num_heads,seq_len\nbfloat16,128,8192\n").prices.front();
  EXPECT_NEAR(h100.time.value, 4538.828e-6, 1e-15);
  EXPECT_EQ(h100.provenance.basis, Basis::kScaled);
}

// 660 TFLOPS from April on, 580 before.
TEST(AuthorRules, FlashMlasRatesAnswerByWork) {
  const Price compute =
      priced("flashmla_rates", "h800", "kernel,bound,work\ndecode_bf16,compute,3.3e12\n")
          .prices.front();
  EXPECT_NEAR(compute.time.value, 5e-3, 1e-8);
  EXPECT_EQ(compute.provenance.basis, Basis::kEstimated);
  EXPECT_TRUE(compute.provenance.outside_range);
  EXPECT_LT(compute.low, compute.time);
  const Price memory =
      priced("flashmla_rates", "h800", "kernel,bound,work\ndecode_bf16,memory,3e9\n")
          .prices.front();
  EXPECT_NEAR(memory.time.value, 1e-3, 1e-8);
}

// The last of three dates: 1483.535, 1429.528, 1429.528 us.
TEST(AuthorRules, TheLastDateOfAShapeCounts) {
  const std::string shape = "dtype,groups,m_per_group,n,k\nfp8_block,4,8192,4096,7168\n";
  EXPECT_NEAR(priced("grouped_contiguous", "h800", shape).prices[0].time.value, 1429.528e-6, 1e-15);
}

}  // namespace
}  // namespace windtunnel
