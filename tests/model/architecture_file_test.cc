#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "tests/base/message.h"
#include "tests/model/models.h"

namespace windtunnel {
namespace {

/// The message of the error that `text` causes, or nothing.
std::string error_of(const std::string& text) {
  try {
    decode_architecture(parse_toml(text, "model.toml"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

const std::string kHead = R"(name = "x"
source = "y"
hidden = 1024
vocabulary = 1000
tied_embeddings = false
)";
const std::string kGqa = "[gqa]\nheads = 8\nkv_heads = 3\nhead_dim = 128\nqkv_bias = false\n";
const std::string kDense = "[dense]\nintermediate = 4096\n";
const std::string kLayers =
    "[[layers]]\ncount = 2\nattention = \"gqa\"\nfeed_forward = \"dense\"\n";

TEST(ArchitectureFile, LayersComeInOrderWithTheirKinds) {
  const Architecture v3 = deepseek_v3();
  ASSERT_EQ(v3.layers.size(), 61U);
  EXPECT_TRUE(std::holds_alternative<Dense>(v3.layers[2].feed_forward));
  EXPECT_TRUE(std::holds_alternative<Moe>(v3.layers[3].feed_forward));
  ASSERT_EQ(v3.mtp.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Moe>(v3.mtp[0].feed_forward));
  EXPECT_TRUE(llama_8b().mtp.empty());
  EXPECT_EQ(std::get<Gqa>(llama_8b().layers[31].attention).kv_heads, 8);
}

TEST(ArchitectureFile, ALayerOfAKindThatNoTableDescribesIsPointedAt) {
  const std::string message = error_of(kHead + kDense + kLayers);
  EXPECT_NE(message.find("model.toml:10:13: error: no table [gqa] describes it"), std::string::npos)
      << message;
}

TEST(ArchitectureFile, UnevenKeyHeadsAreRefused) {
  const std::string message = error_of(kHead + kGqa + kDense + kLayers);
  EXPECT_NE(message.find("model.toml:8:12: error: key heads are not shared evenly"),
            std::string::npos)
      << message;
}

TEST(ArchitectureFile, ATokenCannotChooseMoreExpertsThanItsGroupsHave) {
  // 4 groups of 4 experts, one group a token: 4 experts at most.
  const std::string message = error_of(kHead + R"([gqa]
heads = 8
kv_heads = 8
head_dim = 128
qkv_bias = false
[moe]
routed_experts = 16
shared_experts = 0
top_k = 5
intermediate = 512
groups = 4
top_groups = 1
node_limit = 0
scoring = "softmax"
correction_bias = false
[[layers]]
count = 2
attention = "gqa"
feed_forward = "moe"
)");
  EXPECT_NE(message.find("more experts than a token may choose from"), std::string::npos)
      << message;
}

TEST(ArchitectureFile, EveryKeyIsRequired) {
  std::string text = kHead + kGqa + kDense + kLayers;
  text.replace(text.find("hidden = 1024\n"), 14, "");
  EXPECT_NE(error_of(text).find("hidden"), std::string::npos) << error_of(text);
}

TEST(ArchitectureFile, WhatGptHasAndLlamaHasNot) {
  const Architecture gpt = load_architecture("scenarios/models/gpt2.toml", {});
  EXPECT_EQ(gpt.norm, Norm::kLayer);
  EXPECT_EQ(gpt.learned_positions, 1024);
  const Gqa& attention = std::get<Gqa>(gpt.layers.front().attention);
  EXPECT_TRUE(attention.output_bias);
  EXPECT_FALSE(attention.rotary);
  const Dense& dense = std::get<Dense>(gpt.layers.front().feed_forward);
  EXPECT_EQ(dense.activation, Activation::kGelu);
  EXPECT_TRUE(dense.bias);
  const Architecture llama = load_architecture("scenarios/models/r1-distill-llama-8b.toml", {});
  EXPECT_EQ(llama.norm, Norm::kRms);
  EXPECT_EQ(llama.learned_positions, 0);
  EXPECT_TRUE(std::get<Gqa>(llama.layers.front().attention).rotary);
  EXPECT_EQ(std::get<Dense>(llama.layers.front().feed_forward).activation, Activation::kSwiglu);
}

TEST(ArchitectureFile, LatentAttentionHasNoLearnedPositions) {
  Node root = load_toml("scenarios/models/deepseek-v3.toml");
  set_value(root, "learned_positions", "4096");
  const std::string message = message_of([&] { decode_architecture(root); });
  EXPECT_NE(message.find("latent attention rotates its positions"), std::string::npos) << message;
}

}  // namespace
}  // namespace windtunnel
