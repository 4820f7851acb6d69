#include "simulator/workload/serving/kernel_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "simulator/hardware/gemm_price.h"
#include "simulator/hardware/shape_price.h"
#include "simulator/hardware/step_price.h"
#include "simulator/workload/serving/table_choice.h"

namespace windtunnel {
namespace {

struct Asked {
  const PriceBook& book;
  const ServingScenario& scenario;

  const Gpu& gpu() const { return scenario.cluster.gpu; }
  bool fp8() const { return scenario.weights == WeightFormat::kFp8; }
  std::string dtype() const { return fp8() ? "fp8_block" : "bfloat16"; }
  std::string cache() const { return scenario.cache == CacheFormat::kFp8 ? "fp8" : "bfloat16"; }
};

double number(std::int64_t value) { return static_cast<double>(value); }

Price known(std::optional<Price> price, const char* what) {
  if (!price) throw std::invalid_argument(std::string("no measurements of ") + what);
  return std::move(*price);
}

Price price_of(const Asked& asked, const KernelShape& kernel) {
  return step_price(asked.book.step, asked.gpu(), kernel, asked.gpu().sms);
}

Price price_of(const Asked& asked, const ServingProduct& it) {
  return gemm_price(asked.book.tables, asked.gpu(), it.quantised ? asked.dtype() : "bfloat16", it.m,
                    it.n, it.k);
}

Price price_of(const Asked& asked, const PromptAttention& it) {
  const double length = number(it.tokens + it.cached);
  const double before = number(it.cached) / length;
  const double area = 1 - before * before;
  const std::string how = fmt::format("the last {} of {} tokens by the area of their scores",
                                      it.tokens, it.tokens + it.cached);
  const double prompts = number(it.prompts);
  std::vector<TableQuestion> questions;
  if (it.latent) {
    questions.push_back({.table = "mla_prefill",
                         .categories = {"bfloat16", std::to_string(it.heads)},
                         .axes = {length},
                         .factor = area * prompts,
                         .basis = Basis::kScaled,
                         .how = how});
    questions.push_back({.table = "mla_context",
                         .categories = {"bfloat16"},
                         .axes = {number(it.heads), prompts, length},
                         .factor = area,
                         .basis = Basis::kScaled,
                         .how = how});
  } else {
    questions.push_back({.table = "attention_context",
                         .categories = {"bfloat16", std::to_string(it.head_dim)},
                         .axes = {prompts, number(it.heads), number(it.kv_heads), length},
                         .factor = area,
                         .basis = Basis::kScaled,
                         .how = how});
  }
  if (auto found = first_answer(asked.book.tables, asked.gpu(), questions)) return *found;
  const KernelShape whole{Operation::kAttentionForward,
                          Dtype::kBf16,
                          it.tokens + it.cached,
                          std::min<std::int64_t>(it.head_dim, 128),
                          it.head_dim,
                          it.heads * it.prompts};
  return moved(price_of(asked, whole), area, Basis::kEstimated, how);
}

/// Heads that the tables of MLA decoding end with.
constexpr double kMostHeads = 128;

std::vector<TableQuestion> latent_questions(const Asked& asked, const CacheAttention& it) {
  const double heads = number(it.heads * it.queries);
  const double asked_heads = std::min(heads, kMostHeads);
  TableQuestion question{
      .table = "mla_decode",
      .categories = {"bfloat16", asked.cache()},
      .axes = {asked_heads, number(it.requests), number(it.context)},
      .factor = heads / asked_heads,
      .basis = Basis::kScaled,
      .how = fmt::format("{:g} heads and queries, {:g} at a time", heads, asked_heads)};
  std::vector<TableQuestion> questions;
  const auto add = [&](std::string_view table) {
    question.table = table;
    questions.push_back(question);
  };
  if (asked.scenario.framework == Framework::kSglang) {
    add("mla_decode_fa3");
    add("mla_decode_triton");
  }
  if (asked.scenario.framework == Framework::kVllm) {
    add("mla_decode_flashmla");
    add("mla_decode_infersim");
  }
  add("mla_decode");
  return questions;
}

Price price_of(const Asked& asked, const CacheAttention& it) {
  std::vector<TableQuestion> questions;
  if (it.latent) {
    questions = latent_questions(asked, it);
  } else {
    questions.push_back({.table = "attention_decode",
                         .categories = {"bfloat16", asked.cache(), std::to_string(it.head_dim)},
                         .axes = {number(it.requests), number(it.heads * it.queries),
                                  number(it.kv_heads), number(it.context)}});
    questions.push_back(questions.front());
    questions.back().table = "mha_decode";
  }
  if (auto found = first_answer(asked.book.tables, asked.gpu(), questions)) return *found;
  // Other head widths: the bytes of the cache at what memory-bound kernels of the step reach.
  const std::int64_t width = it.latent ? it.head_dim : 2 * it.kv_heads * it.head_dim;
  const KernelShape read{Operation::kCopy,
                         Dtype::kBf16,
                         it.requests * it.context,
                         std::max<std::int64_t>(1, width / 2),
                         0,
                         1};
  return price_of(asked, read);
}

Price price_of(const Asked& asked, const AbsorbedProduct& it) {
  constexpr double kMeasuredWidth = 512 * 128;
  return known(
      first_answer(asked.book.tables, asked.gpu(),
                   {{.table = "mla_bmm",
                     .categories = {it.output ? "mla_gen_post" : "mla_gen_pre", "bfloat16"},
                     .axes = {number(it.heads), number(it.rows)},
                     .factor = number(it.latent_width * it.head_width) / kMeasuredWidth,
                     .basis = Basis::kEstimated,
                     .how = fmt::format("at a width of {} x {}", it.latent_width, it.head_width)}}),
      "mla_bmm");
}

/// Experts whole on a rank of the same weights and products as this one's parts of experts.
std::vector<TableQuestion> expert_questions(const Asked& asked, const ExpertProducts& it) {
  const double slots = it.slots / it.parts;
  const double rows = it.rows / it.parts;
  const double ranks = number(it.experts) / slots;
  const double tokens = rows * ranks / number(it.top_k);  // of the whole group of such ranks
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  std::vector<TableQuestion> questions;
  if (it.dispatched) {
    questions.push_back(
        {.table = "moe_deepep",
         .categories = {it.masked ? "masked" : "contiguous", asked.dtype(), text(it.hidden),
                        text(it.intermediate), text(it.top_k), text(it.experts), "uniform"},
         .axes = {ranks, tokens}});
  }
  if (it.masked && asked.fp8()) {
    questions.push_back(
        {.table = "grouped_gemm_decode",
         .categories = {text(it.experts), text(it.top_k), text(it.hidden), text(it.intermediate)},
         .axes = {ranks, tokens / ranks}});
  }
  const bool trtllm = asked.scenario.framework == Framework::kTensorRtLlm;
  for (const bool first : {true, false}) {
    const bool whole_group = trtllm == first;  // what trtllm's rows count
    for (const char* distribution : {"balanced", "power_law_1.01"}) {
      questions.push_back(
          {.table = "moe",
           .categories = {whole_group ? "trtllm" : "sglang", asked.dtype(), distribution,
                          text(it.hidden), text(it.intermediate), text(it.top_k), text(it.experts)},
           .axes = {ranks, whole_group ? tokens : tokens / ranks}});
    }
  }
  return questions;
}

/// Two grouped products and SwiGLU by their classes; rows reach some of the slots only.
Price expert_estimate(const Asked& asked, const ExpertProducts& it) {
  const auto whole = [](double value) { return std::max<std::int64_t>(1, std::llround(value)); };
  const double reached = it.slots * (1 - std::exp(-it.rows / it.slots));
  const std::int64_t rows = whole(it.rows);
  const std::int64_t inner = whole(number(it.intermediate) / it.parts);
  const std::int64_t groups = whole(reached);
  const Dtype dtype = asked.fp8() ? Dtype::kFp8 : Dtype::kBf16;
  return sum({price_of(asked, KernelShape{Operation::kGroupedGemm, dtype, rows, 2 * inner,
                                          it.hidden, groups}),
              price_of(asked, KernelShape{Operation::kSwiglu, Dtype::kBf16, rows, inner, 0, 1}),
              price_of(asked, KernelShape{Operation::kGroupedGemm, dtype, rows, it.hidden, inner,
                                          groups})});
}

Price price_of(const Asked& asked, const ExpertProducts& it) {
  const auto found = first_answer(asked.book.tables, asked.gpu(), expert_questions(asked, it));
  return found ? *found : expert_estimate(asked, it);
}

Price price_of(const Asked& asked, const TileAttention& it) {
  if (auto found = first_answer(asked.book.tables, asked.gpu(),
                                {{.table = "encoder_attention",
                                  .categories = {"bfloat16"},
                                  .axes = {number(it.tiles), number(it.heads), number(it.head_dim),
                                           number(it.patches)}}})) {
    return *found;
  }
  const KernelShape causal{
      Operation::kAttentionForward, Dtype::kBf16, it.patches, it.head_dim, it.head_dim,
      it.heads * it.tiles};
  return moved(price_of(asked, causal), 2, Basis::kEstimated, "all scores, not the causal half");
}

/// The keys before the last of `timed` rows in the middle of a prompt's: what they see on average,
/// the prompt's rows do.
double middle_context(std::int64_t rows, std::int64_t context, double timed) {
  return std::max(timed, number(context) - number(rows) / 2 + timed / 2);
}

/// Timed for 128 heads: 4096 rows of a prompt, or 64 requests that decode from an FP8 cache.
Price price_of(const Asked& asked, const SparseAttention& it) {
  constexpr double kHeads = 128;
  const double timed = it.decodes ? 64 : 4096;
  TableQuestion question{
      .table = it.decodes ? "dsa_decode_attn" : "dsa_prefill_attn",
      .categories = {"bfloat16", "4096"},
      .axes = {it.decodes ? number(it.context) : middle_context(it.rows, it.context, timed)},
      .factor = number(it.rows) / timed * number(it.heads) / kHeads,
      .basis = Basis::kScaled,
      .how = fmt::format("{} rows of {} heads, {:g} of 128 timed", it.rows, it.heads, timed)};
  if (it.decodes) question.categories = {"bfloat16", "fp8", "64"};
  return known(first_answer(asked.book.tables, asked.gpu(), {question}), "sparse attention");
}

/// Timed for 64 heads of 128: 2048 or 4096 rows of a prompt, or 64 requests of one or two tokens.
Price price_of(const Asked& asked, const IndexerScores& it) {
  constexpr double kWidth = 64 * 128;
  const bool two = it.queries > 1;
  const bool few = it.rows < 4096;
  double timed = few ? 2048 : 4096;
  if (it.decodes) timed = two ? 128 : 64;
  TableQuestion question{
      .table = it.decodes ? "dsa_decode_logits" : "dsa_prefill_logits",
      .categories = {few ? "2048" : "4096"},
      .axes = {it.decodes ? number(it.context) : middle_context(it.rows, it.context, timed)},
      .factor = number(it.rows) / timed * number(it.heads * it.head_dim) / kWidth,
      .basis = Basis::kScaled,
      .how = fmt::format("{} rows of {} heads, {:g} of 64 timed", it.rows, it.heads, timed)};
  if (it.decodes) question.categories = {"64", two ? "2" : "1"};
  return known(first_answer(asked.book.tables, asked.gpu(), {question}), "an indexer's scores");
}

Price price_of(const Asked&, const GroupCollective&) {
  throw std::invalid_argument("a collective is no compute kernel");
}

Price price_of(const Asked&, const ExpertTransfer&) {
  throw std::invalid_argument("a transfer is no compute kernel");
}

bool has_indexer(const Architecture& model) {
  return std::any_of(model.layers.begin(), model.layers.end(), [](const Layer& layer) {
    const Mla* mla = std::get_if<Mla>(&layer.attention);
    return mla != nullptr && mla->indexer;
  });
}

}  // namespace

std::optional<std::string> unpriced_reason(const MeasurementStore& store,
                                           const ServingScenario& scenario) {
  if (scenario.weights == WeightFormat::kInt8) return "no INT8 kernels were measured";
  if (scenario.weights == WeightFormat::kInt4) return "no INT4 kernels were measured";
  const Gpu& gpu = scenario.cluster.gpu;
  if (!find_source(store, "gemm", gpu)) return "no kernels were measured on " + gpu.name;
  if (has_indexer(scenario.model) && !find_source(store, "dsa_decode_attn", gpu)) {
    return "no sparse attention was measured on " + gpu.name;
  }
  return std::nullopt;
}

Price serving_kernel_price(const PriceBook& book, const ServingScenario& scenario,
                           const ServingKernel& kernel) {
  const Asked asked{book, scenario};
  return std::visit([&](const auto& it) { return price_of(asked, it); }, kernel);
}

}  // namespace windtunnel
