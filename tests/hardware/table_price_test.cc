#include "simulator/hardware/table_price.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

std::vector<PricedRow> priced(std::string_view table, std::string_view gpu,
                              const std::string& csv) {
  return price_rows(shipped(), table, gpu, parse_csv(csv, "shapes.csv"));
}

template <typename Error>
std::string error_of(std::string_view table, std::string_view gpu, const std::string& csv) {
  try {
    priced(table, gpu, csv);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

constexpr const char* kMoe =
    "source,dtype,hidden_size,inter_size,topk,num_experts,ep,distribution,num_tokens\n";

TEST(TablePrice, RowsStayInTheirOrderAndColumnsMayStandInAny) {
  const auto rows = priced("gemm", "h100", "k,m,dtype,n\n256,1,bfloat16,256\n512,1,bfloat16,256\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_DOUBLE_EQ(rows[0].prices[0].time.value, 3.003e-6);
  EXPECT_DOUBLE_EQ(rows[1].prices[0].time.value, 3.38e-6);
}

TEST(TablePrice, DeepepAnswersBothWays) {
  const std::string csv =
      "node_num,hidden_size,num_topk,num_experts,num_sms,num_tokens\n1,2048,8,128,4,1\n";
  const auto rows = priced("deepep_normal", "h100", csv);
  ASSERT_EQ(rows[0].prices.size(), 2U);
  EXPECT_DOUBLE_EQ(rows[0].prices[0].time.value, 25.287e-6);
  EXPECT_DOUBLE_EQ(rows[0].prices[1].time.value, 29.934e-6);
  const std::string text = priced_csv("deepep_normal", parse_csv(csv, "shapes.csv"), rows);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "node_num,hidden_size,num_topk,num_experts,num_sms,num_tokens,dispatch_s,"
            "dispatch_low_s,dispatch_high_s,combine_s,combine_low_s,combine_high_s,provenance,"
            "outside_range,source");
}

TEST(TablePrice, TheAnswerIsACsvFileWithItsSourceInQuotes) {
  const CsvTable shapes = parse_csv("dtype,m,n,k\nbfloat16,1,256,256\n", "shapes.csv");
  const std::string text =
      priced_csv("gemm", shapes, price_rows(shipped(), "gemm", "h800", shapes));
  const CsvTable answer = parse_csv(text, "answer.csv");
  ASSERT_EQ(answer.row_count(), 1U);
  EXPECT_DOUBLE_EQ(answer.number(0, answer.column("seconds")), 3.003e-6);
  EXPECT_LE(answer.number(0, answer.column("low_s")), 3.003e-6);
  EXPECT_GE(answer.number(0, answer.column("high_s")), 3.003e-6);
  EXPECT_EQ(answer.cell(0, answer.column("provenance")), "scaled");
  EXPECT_NE(answer.cell(0, answer.column("source")).find("TensorRT-LLM"), std::string::npos);
}

TEST(TablePrice, ATablesOwnAnswersAndRemarksAreIgnored) {
  const auto rows = priced("gemm", "h100", "dtype,m,n,k,latency_us\nbfloat16,1,256,256,999\n");
  EXPECT_DOUBLE_EQ(rows[0].prices[0].time.value, 3.003e-6);
}

TEST(TablePrice, AnUnknownTableOrGpuIsAUsageErrorWithASuggestion) {
  const std::string csv = "dtype,m,n,k\nbfloat16,1,256,256\n";
  EXPECT_NE(error_of<UsageError>("gem", "h100", csv).find("did you mean `gemm`"),
            std::string::npos);
  EXPECT_NE(error_of<UsageError>("gemm", "h1000", csv).find("did you mean `h100`"),
            std::string::npos);
  EXPECT_NE(error_of<UsageError>("quantize", "a100", csv).find("measured on: h100, h200"),
            std::string::npos);
  // An unknown name lists every table, those of other authors too.
  const std::string unknown = error_of<UsageError>("none", "h800", csv);
  for (const TableRule& rule : table_rules()) {
    EXPECT_NE(unknown.find(std::string(rule.table)), std::string::npos) << rule.table;
  }
}

TEST(TablePrice, AnUnknownColumnPointsToTheHeader) {
  const std::string error =
      error_of<ConfigError>("gemm", "h100", "# shapes\ndtype,m,n,k,mm\nbfloat16,1,256,256,1\n");
  EXPECT_NE(error.find("shapes.csv:2:13"), std::string::npos) << error;
  EXPECT_NE(error.find("no column `mm`"), std::string::npos) << error;
  EXPECT_NE(error.find("accepted: dtype, m, n, k"), std::string::npos) << error;
}

TEST(TablePrice, AMissingColumnIsNamed) {
  const std::string error = error_of<ConfigError>("gemm", "h100", "dtype,m,n\nbfloat16,1,256\n");
  EXPECT_NE(error.find("needs a column `k`"), std::string::npos) << error;
}

TEST(TablePrice, ACategoryThatWasNeverMeasuredPointsToItsCell) {
  const std::string error = error_of<ConfigError>(
      "moe", "h100", std::string(kMoe) + "trtllm,bfloat16,2048,512,8,100,1,balanced,1\n");
  EXPECT_NE(error.find("shapes.csv:2:28"), std::string::npos) << error;
  EXPECT_NE(error.find("accepted: 128, 256, 384"), std::string::npos) << error;
  const std::string dtype =
      error_of<ConfigError>("gemm", "h100", "dtype,m,n,k\nbfloat61,1,256,256\n");
  EXPECT_NE(dtype.find("did you mean `bfloat16`"), std::string::npos) << dtype;
}

TEST(TablePrice, ACombinationThatWasNeverMeasuredNamesTheNearest) {
  // Hidden size 2816 was measured with BF16 experts of 704 only.
  const std::string error = error_of<ConfigError>(
      "moe", "h100", std::string(kMoe) + "trtllm,fp8_block,2816,2048,8,128,1,balanced,1\n");
  EXPECT_NE(error.find("has no measurements of trtllm, fp8_block"), std::string::npos) << error;
  EXPECT_NE(error.find("accepted: trtllm, bfloat16, balanced, 2816, 704, 8, 128;"),
            std::string::npos)
      << error;
}

TEST(TablePrice, WhatElseAnswersIsAcceptedToo) {
  // 16 nodes by DeepEP's authors on H800, a BF16 cache by InferSim.
  const std::string nodes = error_of<ConfigError>(
      "deepep_normal", "h800",
      "node_num,hidden_size,num_topk,num_experts,num_sms,num_tokens\n3,7168,8,256,20,1\n");
  EXPECT_NE(nodes.find("accepted: 1, 16, 2, 4, 8"), std::string::npos) << nodes;
  const std::string cache = error_of<ConfigError>("mla_decode_flashmla", "h800",
                                                  "dtype,kv_dtype,num_heads,batch_size,kv_len\n"
                                                  "bfloat16,int8,128,1,1024\n");
  EXPECT_NE(cache.find("accepted: bfloat16, fp8"), std::string::npos) << cache;
}

TEST(TablePrice, ATableOfFewShapesListsThem) {
  const std::string header = "dtype,groups,m_per_group,n,k\n";
  const std::string unknown =
      error_of<ConfigError>("grouped_masked", "h800", header + "fp8_block,3,256,4096,7168\n");
  EXPECT_NE(unknown.find("shapes.csv:2:11"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("accepted: 1, 2, 4"), std::string::npos) << unknown;
  const std::string mixed =
      error_of<ConfigError>("grouped_masked", "h800", header + "fp8_block,4,1024,4096,7168\n");
  EXPECT_NE(mixed.find("fp8_block, 4, 256, 4096, 7168"), std::string::npos) << mixed;
}

TEST(TablePrice, SizesArePositiveNumbers) {
  const std::string zero =
      error_of<ConfigError>("gemm", "h100", "dtype,m,n,k\nbfloat16,0,256,256\n");
  EXPECT_NE(zero.find("shapes.csv:2:10"), std::string::npos) << zero;
  for (const char* size : {"0.5", "1e308", "nan"}) {
    const std::string error = error_of<ConfigError>(
        "gemm", "h100", fmt::format("dtype,m,n,k\nbfloat16,{},256,256\n", size));
    EXPECT_EQ(error.find("shapes.csv:2:10: error: "), 0U) << error;
  }
  const std::string text =
      error_of<ConfigError>("gemm", "h100", "dtype,m,n,k\nbfloat16,x,256,256\n");
  EXPECT_NE(text.find("shapes.csv:2:10"), std::string::npos) << text;
}

TEST(TablePrice, AnOutlierSaysWhatWasRejected) {
  const auto rows =
      priced("mla_context", "h100", "dtype,num_heads,batch_size,isl\nbfloat16,4,128,64\n");
  const Price& price = rows[0].prices[0];
  EXPECT_LT(price.time.value, 100e-6);
  EXPECT_NE(price.provenance.source.find("measured 1525.39 us, rejected"), std::string::npos)
      << price.provenance.source;
}

}  // namespace
}  // namespace windtunnel
