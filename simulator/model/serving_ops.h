// The kernels of one serving iteration on one GPU, block by block.
//
// MLA runs prompts on expanded keys and values, and decodes absorbed: queries are taken to the
// latents, attention runs on the cached latents, its output is taken back. Attention is divided by
// heads over a group's GPUs. One group: its GPUs hold all tokens, and two all-reduces a layer make
// their parts whole. Several groups: tokens are scattered over a group's GPUs between attentions
// (sequence parallel), travel to the experts of all GPUs and back; dense layers and shared experts
// run whole on each GPU's own tokens.
#pragma once

#include <string>
#include <vector>

#include "simulator/model/architecture.h"
#include "simulator/model/serving_kernels.h"

namespace windtunnel {

/// What an attention group runs: `prompt_tokens` new tokens, of `prompts` sequences with `cached`
/// tokens each before them (prompts 0: their attention is left out), and `requests` sequences that
/// decode `queries` tokens each, with `context` tokens in the cache. `tiles` of images.
struct ServingRows {
  std::int64_t prompt_tokens;
  std::int64_t prompts;
  std::int64_t cached;
  std::int64_t requests;
  std::int64_t queries;
  std::int64_t context;
  std::int64_t tiles;
};

/// How the model is divided, and which kernels that means.
struct ServingDivision {
  int tensor;
  int groups;
  int expert;
  int redundant_experts;
  bool shared_routed;
  bool fp8;         ///< linear layers: their inputs are cast
  double load;      ///< rows of the fullest expert rank over their mean
  bool all_logits;  ///< the head runs at every position of a prompt
  int drafts;       ///< prediction modules that run
};

/// What a block's ops are part of, in order: attention with the norms around it and the router, the
/// way to the experts, the feed-forward, the way back.
enum class ServingStage : std::uint8_t { kAttention, kDispatch, kFeedForward, kCombine };

/// Whether tokens are on their way, beside the compute stream.
constexpr bool is_transfer_stage(ServingStage stage) {
  return stage == ServingStage::kDispatch || stage == ServingStage::kCombine;
}

struct ServingOp {
  ServingStage stage;
  ServingKernel kernel;
  double launches;
  friend bool operator==(const ServingOp&, const ServingOp&) = default;
};

/// `count` equal blocks in a row.
struct ServingBlock {
  std::string name;
  int count;
  std::vector<ServingOp> ops;
};

/// An iteration in order. Blocks without rows are left out.
std::vector<ServingBlock> serving_blocks(const Architecture& model, const ServingRows& rows,
                                         const ServingDivision& division);

}  // namespace windtunnel
