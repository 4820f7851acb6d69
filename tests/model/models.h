// Architectures for tests: the shipped V3, and small published ones written here.
#pragma once

#include <string>

#include "simulator/base/toml_file.h"
#include "simulator/model/architecture.h"

namespace windtunnel {

inline Architecture deepseek_v3() {
  return load_architecture("scenarios/models/deepseek-v3.toml", {});
}

/// deepseek-ai/DeepSeek-V3 inference/configs/config_236B.json.
inline Architecture deepseek_v2() {
  return decode_architecture(parse_toml(R"(
name = "DeepSeek-V2"
source = "config_236B.json"
hidden = 5120
vocabulary = 102400
tied_embeddings = false
[mla]
heads = 128
q_lora_rank = 1536
kv_lora_rank = 512
nope_dim = 128
rope_dim = 64
value_dim = 128
[dense]
intermediate = 12288
[moe]
routed_experts = 160
shared_experts = 2
top_k = 6
intermediate = 1536
groups = 8
top_groups = 3
node_limit = 3
scoring = "softmax"
correction_bias = false
[[layers]]
count = 1
attention = "mla"
feed_forward = "dense"
[[layers]]
count = 59
attention = "mla"
feed_forward = "moe"
)",
                                        "v2.toml"));
}

/// deepseek-ai/DeepSeek-V3 inference/configs/config_16B.json: no query latent.
inline Architecture deepseek_v2_lite() {
  return decode_architecture(parse_toml(R"(
name = "DeepSeek-V2-Lite"
source = "config_16B.json"
hidden = 2048
vocabulary = 102400
tied_embeddings = false
[mla]
heads = 16
q_lora_rank = 0
kv_lora_rank = 512
nope_dim = 128
rope_dim = 64
value_dim = 128
[dense]
intermediate = 10944
[moe]
routed_experts = 64
shared_experts = 2
top_k = 6
intermediate = 1408
groups = 1
top_groups = 1
node_limit = 0
scoring = "softmax"
correction_bias = false
[[layers]]
count = 1
attention = "mla"
feed_forward = "dense"
[[layers]]
count = 26
attention = "mla"
feed_forward = "moe"
)",
                                        "v2-lite.toml"));
}

/// DeepSeek-R1-Distill-Llama-8B: grouped-query attention, dense layers only.
inline Architecture llama_8b() {
  return decode_architecture(parse_toml(R"(
name = "DeepSeek-R1-Distill-Llama-8B"
source = "config.json of the release"
hidden = 4096
vocabulary = 128256
tied_embeddings = false
[gqa]
heads = 32
kv_heads = 8
head_dim = 128
qkv_bias = false
[dense]
intermediate = 14336
[[layers]]
count = 32
attention = "gqa"
feed_forward = "dense"
)",
                                        "llama.toml"));
}

}  // namespace windtunnel
