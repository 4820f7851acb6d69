// Who computes what in one step of decoding: a pure function of the requests' lengths, made once a
// step on the host and used by every layer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace windtunnel {

/// A cached token: the latent, which is also the value, and the rotary channels behind it.
inline constexpr int kDecodeLatent = 512;
inline constexpr int kDecodeWidth = 576;
/// Tokens of a page of the cache.
inline constexpr int kPageTokens = 64;
/// Rows (query, head) of a request that a block takes at once; fewer are padded.
inline constexpr int kDecodeTileRows = 64;
/// What beginning and ending a piece costs, in pages: it reads 64 rows of q and writes 64 x 512
/// FP32, 2.8 times the bytes of a page.
inline constexpr int kPieceCost = 3;

/// lengths[requests]: cached tokens, those of the step included; `queries` tokens a request.
struct DecodeProblem {
  std::span<const std::int32_t> lengths;
  int queries;
  int heads;
};

/// Pages of a request that one block takes in a row, and where its part of the result goes: slot -1
/// where there is no other part.
struct alignas(16) DecodePiece {
  std::int32_t request;
  std::int32_t first_page;
  std::int32_t pages;
  std::int32_t slot;

  friend bool operator==(const DecodePiece&, const DecodePiece&) = default;
};

/// A request whose parts lie in the slots from `first_slot`.
struct alignas(16) DecodeMerge {
  std::int32_t request;
  std::int32_t first_slot;
  std::int32_t slots;
  std::int32_t unused = 0;

  friend bool operator==(const DecodeMerge&, const DecodeMerge&) = default;
};

/// Part p has the pieces begins[p] to begins[p + 1]. Each part is computed by `tiles` blocks, one
/// for every 64 rows of a request, which read the same pages at the same time.
struct DecodePlan {
  int rows;   ///< of a request: queries x heads
  int tiles;  ///< of a request
  int parts;
  int slots;
  int share;  ///< pages and piece costs of the fullest part
  std::vector<std::int32_t> begins;
  std::vector<DecodePiece> pieces;
  std::vector<DecodeMerge> merges;
};

/// At most sms / tiles parts (at least one), none of which costs more than the mean and one piece,
/// or two where no request is then cut: requests in order, cut where a part is full. A request
/// without tokens is a piece without pages.
DecodePlan plan_decode(const DecodeProblem& problem, int sms);

/// As many parts as it takes for none to cost more than `share`, which is more than kPieceCost.
DecodePlan plan_decode_share(const DecodeProblem& problem, int share);

/// `2 tiles, 54 parts of at most 159 pages, 117 pieces, 53 of 64 requests from 106 slots`.
std::string text(const DecodePlan& plan);

}  // namespace windtunnel
