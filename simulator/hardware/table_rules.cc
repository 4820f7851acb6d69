#include "simulator/hardware/table_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/hardware/author_rules.h"
#include "simulator/hardware/work_terms.h"

namespace windtunnel {
namespace {

constexpr Smoothness kRough = Smoothness::kRough;
constexpr Smoothness kSmooth = Smoothness::kSmooth;
constexpr Smoothness kSmoother = Smoothness::kSmoother;

std::vector<ValueRule> one_time() { return {{"latency_us", "seconds"}}; }

std::vector<ValueRule> both_ways() {
  return {{"dispatch_us", "dispatch_s"}, {"combine_us", "combine_s"}};
}

TableRule mla_decode_rule(std::string_view table, const std::array<double, 3>& lengths,
                          const std::array<double, 3>& reaches, Smoothness smoothness, double noise,
                          int neighbours, bool spiky) {
  return {.table = table,
          .categories = {"dtype", "kv_dtype"},
          .axes = {{"num_heads", smoothness, lengths[0], reaches[0]},
                   {"batch_size", smoothness, lengths[1], reaches[1]},
                   {"kv_len", smoothness, lengths[2], reaches[2]}},
          .values = one_time(),
          .remarks = {},
          .noise = noise,
          .neighbours = neighbours,
          .spiky = spiky,
          .binding = Binding::kChip,
          .terms = mla_decode_terms};
}

/// `rule`, with another table for what it was not measured with: FlashMLA with a BF16 cache.
TableRule continued(std::string_view by, TableRule rule) {
  rule.continued_by = by;
  return rule;
}

std::vector<TableRule> dense_rules() {
  return {
      {.table = "gemm",
       .categories = {"dtype"},
       .axes = {{"m", kRough, 2, 1}, {"n", kRough, 1, 0.36}, {"k", kRough, 8, 1.6}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.03,
       .neighbours = 48,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = gemm_terms},
      {.table = "mlp",
       .categories = {"phase", "dtype", "hidden_size", "inter_size"},
       .axes = {{"num_tokens", kRough, 12, 1}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.003,
       .neighbours = 32,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = mlp_terms},
      {.table = "quantize",
       .categories = {"op", "dtype"},
       .axes = {{"m", kSmoother, 2, 2.6}, {"k", kSmooth, 8, 1}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.03,
       .neighbours = 20,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = quantize_terms},
      {.table = "mla_bmm",
       .categories = {"op", "dtype"},
       .axes = {{"num_heads", kRough, 1, 2.6}, {"num_tokens", kRough, 2, 1.6}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.03,
       .neighbours = 32,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = mla_bmm_terms},
  };
}

std::vector<TableRule> attention_rules() {
  return {
      {.table = "attention_context",
       .categories = {"dtype", "head_dim"},
       .axes = {{"batch_size", kRough, 2, 1},
                {"num_heads", kRough, 2, 0.6},
                {"num_kv_heads", kSmooth, 8, 1.6},
                {"isl", kRough, 2, 1}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.03,
       .neighbours = 32,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = attention_context_terms},
      {.table = "attention_decode",
       .categories = {"dtype", "kv_dtype", "head_dim"},
       .axes = {{"batch_size", kRough, 1, 1},
                {"num_heads", kRough, 8, 1},
                {"num_kv_heads", kRough, 2, 0.6},
                {"kv_len", kSmooth, 8, 1.6}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.001,
       .neighbours = 32,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = attention_decode_terms},
      {.table = "encoder_attention",
       .categories = {"dtype"},
       .axes = {{"batch_size", kRough, 12, 1},
                {"num_heads", kRough, 12, 1},
                {"head_dim", kRough, 6, 1},
                {"isl", kRough, 6, 1}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.003,
       .neighbours = 32,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = encoder_attention_terms},
      {.table = "mla_context",
       .categories = {"dtype"},
       .axes = {{"num_heads", kSmoother, 2, 1.6},
                {"batch_size", kSmoother, 4, 1},
                {"isl", kSmooth, 4, 1}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.03,
       .neighbours = 48,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = mla_context_terms},
      mla_decode_rule("mla_decode", {48, 3, 24}, {1, 1, 1.6}, kRough, 0.003, 32, false),
      mla_decode_rule("mla_decode_fa3", {24, 3, 24}, {0.6, 0.6, 1}, kRough, 0.003, 32, false),
      continued("mla_decode_infersim", mla_decode_rule("mla_decode_flashmla", {6, 6, 6},
                                                       {1.6, 1, 1}, kSmooth, 0.03, 48, true)),
      mla_decode_rule("mla_decode_triton", {6, 6, 6}, {1.6, 1, 1}, kSmooth, 0.03, 48, true),
  };
}

std::vector<TableRule> expert_rules() {
  return {
      {.table = "moe",
       .categories = {"source", "dtype", "distribution", "hidden_size", "inter_size", "topk",
                      "num_experts"},
       .axes = {{"ep", kRough, 2, 1}, {"num_tokens", kRough, 4, 1}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.03,
       .neighbours = 32,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = moe_terms},
      {.table = "moe_deepep",
       .categories = {"layout", "dtype", "hidden_size", "inter_size", "topk", "num_experts",
                      "distribution"},
       .axes = {{"ep", kSmooth, 12, 0.6}, {"num_tokens", kSmooth, 12, 0.6}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.003,
       .neighbours = 32,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = moe_deepep_terms},
      {.table = "moe_eplb",
       .categories = {"dtype", "hidden_size", "inter_size", "topk", "num_experts", "distribution"},
       .axes = {{"num_slots", kRough, 2, 0.36},
                {"ep", kSmoother, 2, 2.6},
                {"num_tokens", kSmooth, 8, 0.6}},
       .values = one_time(),
       .remarks = {"rank0_num_tokens"},
       .noise = 0.003,
       .neighbours = 48,
       .spiky = false,
       .binding = Binding::kChip,
       .terms = moe_eplb_terms},
  };
}

std::vector<TableRule> communication_rules() {
  return {
      {.table = "nccl",
       .categories = {"op", "dtype"},
       .axes = {{"num_gpus", kRough, 2, 2.6}, {"elements", kSmooth, 4, 1}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.03,
       .neighbours = 20,
       .spiky = false,
       .binding = Binding::kNvlink,
       .terms = collective_terms},
      {.table = "custom_allreduce",
       .categories = {"dtype"},
       .axes = {{"num_gpus", kRough, 2, 1}, {"elements", kSmooth, 8, 1}},
       .values = one_time(),
       .remarks = {},
       .noise = 0.003,
       .neighbours = 20,
       .spiky = false,
       .binding = Binding::kNvlink,
       .terms = collective_terms},
      {.table = "deepep_low_latency",
       .categories = {"node_num"},
       .axes = {{"hidden_size", kRough, 24, 0.6},
                {"num_topk", kRough, 6, 1},
                {"num_experts", kRough, 6, 1.6},
                {"num_tokens", kSmooth, 12, 1}},
       .values = both_ways(),
       .remarks = {},
       .noise = 0.001,
       .neighbours = 32,
       .spiky = false,
       .binding = Binding::kNvlink,
       .terms = deepep_low_latency_terms},
      {.table = "deepep_normal",
       .categories = {"node_num"},
       .axes = {{"hidden_size", kRough, 6, 1},
                {"num_topk", kRough, 6, 1},
                {"num_experts", kRough, 48, 1.6},
                {"num_sms", kRough, 6, 1},
                {"num_tokens", kRough, 24, 1}},
       .values = both_ways(),
       .remarks = {"dispatch_notify_us", "combine_notify_us"},
       .noise = 0.001,
       .neighbours = 32,
       .spiky = false,
       .binding = Binding::kNvlink,
       .terms = deepep_normal_terms},
  };
}

}  // namespace

const std::vector<TableRule>& table_rules() {
  static const std::vector<TableRule> rules = [] {
    std::vector<TableRule> all;
    for (auto& part : {dense_rules(), attention_rules(), expert_rules(), communication_rules(),
                       author_rules()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rules;
}

const TableRule* find_table_rule(std::string_view table) {
  const auto& rules = table_rules();
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const TableRule& rule) { return rule.table == table; });
  return found == rules.end() ? nullptr : &*found;
}

std::string rule_text(const TableRule& rule) {
  std::string text = fmt::format("{} noise {} neighbours {} spiky {}", rule.table, rule.noise,
                                 rule.neighbours, rule.spiky);
  for (std::string_view category : rule.categories) text += fmt::format(" = {}", category);
  for (const AxisRule& axis : rule.axes) {
    text += fmt::format(" ~ {} {} {} {}", axis.column, static_cast<int>(axis.smoothness),
                        axis.length, axis.reach);
  }
  return text;
}

}  // namespace windtunnel
