#include "simulator/workload/serving/table_choice.h"

#include <gtest/gtest.h>

#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

const Gpu& gpu_called(const std::string& id) { return *find_gpu(shipped_prices().tables.gpus, id); }

TableQuestion decode_of(std::string_view table, double heads) {
  return {.table = table, .categories = {"bfloat16", "bfloat16"}, .axes = {heads, 16, 1024}};
}

TEST(TableChoice, TheFirstImplementationMeasuredHereAnswers) {
  const auto& store = shipped_prices().tables;
  const auto fa3 = first_answer(store, gpu_called("h100"),
                                {decode_of("mla_decode_fa3", 16), decode_of("mla_decode", 16)});
  EXPECT_NE(fa3->provenance.source.find("FlashAttention 3"), std::string::npos);
  const auto trtllm = first_answer(store, gpu_called("h100"),
                                   {decode_of("mla_decode", 16), decode_of("mla_decode_fa3", 16)});
  EXPECT_NE(trtllm->provenance.source.find("TensorRT-LLM"), std::string::npos);
}

// FlashAttention 3 was timed from 8 heads on, on no A100.
TEST(TableChoice, AnAnswerInsideTheRangeComesBeforeOneOutside) {
  const auto& store = shipped_prices().tables;
  const std::vector<TableQuestion> few{decode_of("mla_decode_fa3", 2), decode_of("mla_decode", 2)};
  EXPECT_FALSE(first_answer(store, gpu_called("h100"), few)->provenance.outside_range);
  const std::vector<TableQuestion> only{decode_of("mla_decode_fa3", 2)};
  EXPECT_TRUE(first_answer(store, gpu_called("h100"), only)->provenance.outside_range);
  EXPECT_FALSE(first_answer(store, gpu_called("a100"), only));
}

// InferSim timed 128 heads on H800 itself; FlashAttention 3 is an H100's there.
TEST(TableChoice, TheGpusOwnTimeComesBeforeASiblings) {
  const auto& store = shipped_prices().tables;
  const auto own =
      first_answer(store, gpu_called("h800"),
                   {decode_of("mla_decode_fa3", 128), decode_of("mla_decode_infersim", 128)});
  EXPECT_EQ(own->provenance.basis, Basis::kMeasured);
  EXPECT_NE(own->provenance.source.find("InferSim"), std::string::npos);
}

TEST(TableChoice, AFactorSaysWhatItStandsFor) {
  TableQuestion question = decode_of("mla_decode", 16);
  const auto& store = shipped_prices().tables;
  const Price once = *first_answer(store, gpu_called("h100"), {question});
  question.factor = 3;
  question.basis = Basis::kScaled;
  question.how = "three at a time";
  const Price thrice = *first_answer(store, gpu_called("h100"), {question});
  EXPECT_DOUBLE_EQ(thrice.time.value, 3 * once.time.value);
  EXPECT_EQ(thrice.provenance.basis, Basis::kScaled);
  EXPECT_NE(thrice.provenance.source.find("three at a time"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
