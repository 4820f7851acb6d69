#include "kernels/mla/decode_plan.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace windtunnel {
namespace {

std::int32_t pages_of(std::int32_t tokens) { return (tokens + kPageTokens - 1) / kPageTokens; }

/// Parts of at most `share`; no piece has a slot yet.
DecodePlan divided(const DecodeProblem& problem, int share) {
  assert(problem.queries > 0 && problem.heads > 0 && share > kPieceCost);
  const std::span<const std::int32_t> lengths = problem.lengths;
  const int rows = problem.queries * problem.heads;
  DecodePlan plan{};
  plan.rows = rows;
  plan.tiles = (rows + kDecodeTileRows - 1) / kDecodeTileRows;
  plan.share = share;
  plan.begins = {0};
  int used = 0;
  const auto close = [&] {
    plan.begins.push_back(static_cast<std::int32_t>(plan.pieces.size()));
    used = 0;
  };
  for (std::size_t request = 0; request < lengths.size(); ++request) {
    const std::int32_t pages = pages_of(lengths[request]);
    std::int32_t first = 0;
    do {
      if (used + kPieceCost + std::min(pages, 1) > share) close();
      const std::int32_t taken = std::min(pages - first, share - used - kPieceCost);
      plan.pieces.push_back({static_cast<std::int32_t>(request), first, taken, -1});
      used += kPieceCost + taken;
      first += taken;
    } while (first < pages);
  }
  if (used > 0) close();
  plan.parts = static_cast<int>(plan.begins.size()) - 1;
  return plan;
}

/// Gives the pieces of requests that have several their slots.
DecodePlan numbered(DecodePlan plan) {
  for (std::size_t i = 0; i < plan.pieces.size();) {
    std::size_t end = i + 1;
    while (end < plan.pieces.size() && plan.pieces[end].request == plan.pieces[i].request) ++end;
    const auto count = static_cast<std::int32_t>(end - i);
    if (count > 1) plan.merges.push_back({plan.pieces[i].request, plan.slots, count});
    for (; i < end; ++i) plan.pieces[i].slot = count > 1 ? plan.slots++ : -1;
  }
  return plan;
}

}  // namespace

DecodePlan plan_decode_share(const DecodeProblem& problem, int share) {
  return numbered(divided(problem, share));
}

DecodePlan plan_decode(const DecodeProblem& problem, int sms) {
  const int rows = problem.queries * problem.heads;
  const int tiles = (rows + kDecodeTileRows - 1) / kDecodeTileRows;
  const int parts = std::max(1, sms / tiles);
  std::int64_t cost = 0;
  for (const std::int32_t tokens : problem.lengths) cost += kPieceCost + pages_of(tokens);
  // A part that is cut adds a piece, one that is not leaves less than a piece free: with room for
  // one more than the mean all fit. Try whether they do with less.
  int enough = std::max(static_cast<int>((cost + parts - 1) / parts), 1) + kPieceCost;
  int too_few = kPieceCost;
  while (enough - too_few > 1) {
    const int share = too_few + (enough - too_few) / 2;
    (divided(problem, share).parts > parts ? too_few : enough) = share;
  }
  // Parts that are whole requests need no merge, which is worth a piece.
  DecodePlan plan = divided(problem, enough);
  if (plan.pieces.size() > problem.lengths.size()) {
    DecodePlan whole = divided(problem, enough + kPieceCost);
    if (whole.pieces.size() == problem.lengths.size()) plan = std::move(whole);
  }
  return numbered(std::move(plan));
}

std::string text(const DecodePlan& plan) {
  const auto number = [](auto value) { return std::to_string(value); };
  const int requests = plan.pieces.empty() ? 0 : plan.pieces.back().request + 1;
  return number(plan.tiles) + " tiles, " + number(plan.parts) + " parts of at most " +
         number(plan.share) + " pages, " + number(plan.pieces.size()) + " pieces, " +
         number(plan.merges.size()) + " of " + number(requests) + " requests from " +
         number(plan.slots) + " slots";
}

}  // namespace windtunnel
