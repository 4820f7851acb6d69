// To how many different places a token's experts send it.
#pragma once

namespace windtunnel {

/// Distinct groups out of `groups` equal groups of experts that a token meets whose `top_k` experts
/// are drawn at random, all different, from those of `limit` groups at most: the expected number.
double expected_groups(int groups, int experts, int top_k, int limit);

}  // namespace windtunnel
