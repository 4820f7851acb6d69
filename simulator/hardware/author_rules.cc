#include "simulator/hardware/author_rules.h"

#include "simulator/hardware/work_terms.h"

namespace windtunnel {
namespace {

constexpr Smoothness kRough = Smoothness::kRough;
constexpr Smoothness kSmooth = Smoothness::kSmooth;
constexpr Smoothness kSmoother = Smoothness::kSmoother;

/// InferSim's runs of DeepGEMM take from 0.95 to 1.56 times as long as its authors' figures of the
/// same twelve shapes, and the authors' figures of three dates differ by up to a third: a quarter
/// either way holds four of five of both.
constexpr double kFigureInterval = 0.25;

std::vector<ValueRule> one_time() { return {{"latency_us", "seconds"}}; }

TableRule infersim_rule(std::string_view table, std::vector<std::string_view> categories,
                        std::vector<AxisRule> axes, std::vector<std::string_view> remarks,
                        WorkTerms (*terms)(const TableShape&)) {
  return {.table = table,
          .source = "infersim",
          .file = {},
          .categories = std::move(categories),
          .axes = std::move(axes),
          .values = one_time(),
          .remarks = std::move(remarks),
          .noise = 0.003,
          .neighbours = 32,
          .spiky = false,
          .binding = Binding::kChip,
          .terms = terms,
          .dated = false,
          .stated_interval = 0,
          .continued_by = {}};
}

/// A few shapes of the authors' own README, of which the last date counts.
TableRule listed_rule(std::string_view table, std::string_view source,
                      std::vector<std::string_view> categories, std::vector<AxisRule> axes,
                      std::vector<std::string_view> remarks) {
  return {.table = table,
          .source = source,
          .file = {},
          .categories = std::move(categories),
          .axes = std::move(axes),
          .values = one_time(),
          .remarks = std::move(remarks),
          .noise = 0.003,
          .neighbours = 1,
          .spiky = false,
          .binding = Binding::kChip,
          .terms = listed_terms,
          .dated = true,
          .stated_interval = kFigureInterval,
          .continued_by = {}};
}

std::vector<TableRule> listed_rules() {
  const std::vector<std::string_view> grouped = {"dtype", "groups", "m_per_group", "n", "k"};
  const std::vector<std::string_view> said = {"date", "commit", "tflops", "gb_per_s", "speedup"};
  TableRule rates = listed_rule("flashmla_rates", "flashmla", {"kernel", "bound"},
                                {{"work", kRough, 1, 1}}, {"date", "cuda", "tflops", "gb_per_s"});
  rates.file = "rates";
  return {listed_rule("grouped_contiguous", "deepgemm", grouped, {}, said),
          listed_rule("grouped_masked", "deepgemm", grouped, {}, said), rates};
}

}  // namespace

std::vector<TableRule> author_rules() {
  std::vector<TableRule> rules = listed_rules();
  TableRule experts = infersim_rule(
      "grouped_gemm_decode", {"num_experts", "topk", "hidden_size", "intermediate_size"},
      {{"num_gpus", kSmooth, 8, 1}, {"batch_size_per_gpu", kSmoother, 8, 1}},
      {"num_local_experts", "tokens_per_expert", "up_mfu", "down_mfu"}, grouped_gemm_decode_terms);
  experts.spiky = true;
  experts.values = {{"up_proj_us", "up_proj_s"}, {"down_proj_us", "down_proj_s"}};
  rules.push_back(experts);
  rules.push_back(infersim_rule("mha_decode", {"dtype", "kv_dtype", "head_dim"},
                                {{"batch_size", kSmoother, 1, 1},
                                 {"num_heads", kSmooth, 4, 1},
                                 {"num_kv_heads", kSmooth, 4, 0.6},
                                 {"kv_len", kSmooth, 8, 1.6}},
                                {"mfu"}, attention_decode_terms));
  TableRule decode = infersim_rule(
      "mla_decode_infersim", {"dtype", "kv_dtype"},
      {{"num_heads", kRough, 8, 1}, {"batch_size", kRough, 1, 1}, {"kv_len", kSmooth, 8, 1}},
      {"mfu"}, mla_decode_terms);
  decode.file = "mla_decode";
  rules.push_back(decode);
  rules.push_back(infersim_rule("mla_prefill", {"dtype", "num_heads"}, {{"seq_len", kRough, 1, 1}},
                                {"mfu"}, prefill_terms));
  rules.push_back(infersim_rule("dsa_decode_attn", {"dtype", "kv_dtype", "batch_size"},
                                {{"kv_len", kSmoother, 4, 1}}, {"mfu"}, sparse_terms));
  rules.push_back(infersim_rule("dsa_decode_logits", {"batchsize", "next_n"},
                                {{"s_kv", kSmooth, 8, 1}}, {"mfu"}, sparse_terms));
  rules.push_back(infersim_rule("dsa_prefill_attn", {"dtype", "s_q"}, {{"s_kv", kSmoother, 2, 1}},
                                {"mfu"}, sparse_terms));
  rules.push_back(infersim_rule("dsa_prefill_logits", {"s_q"}, {{"s_kv", kSmooth, 16, 1}}, {"mfu"},
                                prefill_logits_terms));
  return rules;
}

}  // namespace windtunnel
