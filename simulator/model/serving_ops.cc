#include "simulator/model/serving_ops.h"

#include <algorithm>

#include "simulator/model/parameters.h"
#include "simulator/model/serving_list.h"

namespace windtunnel {
namespace {

std::string name_of(const Layer& layer) {
  return std::holds_alternative<Moe>(layer.feed_forward) ? "MoE layer" : "dense layer";
}

void add_layer(const Layer& layer, ServingList& list) {
  list.begin(ServingStage::kAttention);
  std::visit([&](const auto& attention) { serving_attention(attention, list); }, layer.attention);
  std::visit([&](const auto& feed) { serving_feed_forward(feed, list); }, layer.feed_forward);
}

void append(std::vector<ServingBlock>& blocks, ServingBlock block) {
  if (block.ops.empty()) return;
  if (!blocks.empty() && blocks.back().name == block.name && blocks.back().ops == block.ops) {
    blocks.back().count += block.count;
    return;
  }
  blocks.push_back(std::move(block));
}

/// The encoder over all tiles, patch embedding to adaptor, whole on one GPU.
std::vector<ServingOp> vision_ops(const Vision& vision, ServingList list) {
  const std::int64_t tiles = list.rows().tiles;
  if (tiles == 0) return {};
  const std::int64_t rows = tiles * patches(vision);
  const std::int64_t width = vision.width;
  const auto plain = [&](std::int64_t m, std::int64_t n, std::int64_t k, double launches) {
    list.add(ServingProduct{false, m, n, k}, launches);
  };
  const auto layers = static_cast<double>(vision.layers);
  constexpr std::int64_t kColours = 3;
  plain(rows, width, kColours * vision.patch * vision.patch, 1);
  list.add(KernelShape{Operation::kRmsNorm, Dtype::kBf16, rows, width, 0, 1}, 2 * layers);
  plain(rows, 3 * width, width, layers);
  list.add(TileAttention{tiles, vision.heads, divided(width, vision.heads), patches(vision)},
           layers);
  plain(rows, width, width, layers);
  plain(rows, vision.intermediate, width, layers);
  plain(rows, width, vision.intermediate, layers);
  const std::int64_t tokens = tiles * tokens_per_tile(vision);
  const std::int64_t hidden = list.model().hidden;
  plain(tokens, hidden, vision.shuffle * vision.shuffle * width, 1);
  plain(tokens, hidden, hidden, 1);
  return list.take();
}

/// The last norm, logits of `rows` positions over a GPU's part of the vocabulary, and the choice.
void add_head(ServingList& list, std::int64_t rows) {
  if (rows == 0) return;
  const Architecture& model = list.model();
  const std::int64_t part = divided(model.vocabulary, list.division().tensor);
  list.on_rows(Operation::kRmsNorm, rows, model.hidden);
  list.add(ServingProduct{false, rows, part, model.hidden});
  if (list.division().tensor > 1) {
    constexpr double kElement = 2;
    list.add(GroupCollective{CollectiveKind::kAllGather, list.division().tensor,
                             kElement * static_cast<double>(rows * model.vocabulary)});
  }
  // The copy in FP32 that is sampled from is most of what choosing a token costs.
  list.on_rows(Operation::kCopy, rows, model.vocabulary);
}

std::int64_t head_rows(const ServingRows& rows, const ServingDivision& division) {
  const std::int64_t of_prompts = division.all_logits ? rows.prompt_tokens : rows.prompts;
  return of_prompts + rows.requests * rows.queries;
}

/// A prediction module: two norms, the projection, the block, and the head of the drafts.
std::vector<ServingOp> draft_ops(const Architecture& model, const Layer& layer, ServingList list) {
  const std::int64_t rows = list.own_rows();
  list.on_rows(Operation::kRmsNorm, rows, 2 * model.hidden);
  list.linear(rows, model.hidden, 2 * model.hidden);
  add_layer(layer, list);
  list.begin(ServingStage::kFeedForward);
  return list.take();
}

}  // namespace

std::vector<ServingBlock> serving_blocks(const Architecture& model, const ServingRows& rows,
                                         const ServingDivision& division) {
  std::vector<ServingBlock> blocks;
  const ServingList empty(model, rows, division);
  if (model.vision) append(blocks, {"vision encoder", 1, vision_ops(*model.vision, empty)});
  if (empty.group_rows() == 0) return blocks;
  ServingList embedding = empty;
  embedding.on_rows(Operation::kEmbedding, embedding.own_rows(), model.hidden);
  append(blocks, {"embedding", 1, embedding.take()});
  for (const Layer& layer : model.layers) {
    ServingList list = empty;
    add_layer(layer, list);
    append(blocks, {name_of(layer), 1, list.take()});
  }
  ServingList head = empty;
  add_head(head, head_rows(rows, division));
  append(blocks, {"head", 1, head.take()});
  for (int i = 0; i < division.drafts; ++i) {
    const Layer& layer = model.mtp.at(static_cast<std::size_t>(i));
    append(blocks, {"prediction module", 1, draft_ops(model, layer, empty)});
    ServingList draft_head = empty;
    add_head(draft_head, rows.requests);
    append(blocks, {"draft head", 1, draft_head.take()});
  }
  return blocks;
}

}  // namespace windtunnel
