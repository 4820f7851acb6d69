#include "reports/compare/pairs.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "reports/compare/false_discovery.h"
#include "simulator/base/threads.h"

namespace windtunnel {
namespace {

bool has_samples(const BenchmarkSamples* samples) {
  return samples != nullptr && samples->failure.empty() &&
         samples->seconds.size() >= kLeastCompared;
}

/// The tests of one comparison are corrected together.
void adjust(std::vector<Pair>& pairs) {
  std::vector<double> p;
  for (const Pair& pair : pairs) {
    if (pair.evidence) p.push_back(pair.evidence->time.p);
  }
  const std::vector<double> adjusted = adjusted_p(p);
  std::size_t next = 0;
  for (Pair& pair : pairs) {
    if (pair.evidence) pair.adjusted_p = adjusted[next++];
  }
}

}  // namespace

std::vector<Pair> matched(const ResultSet& base, const ResultSet& now) {
  std::unordered_map<std::string_view, const BenchmarkSamples*> by_name;
  for (const BenchmarkSamples& it : now.benchmarks) by_name.emplace(it.name, &it);
  const bool same_machine =
      base.device == now.device && base.driver == now.driver && base.cuda == now.cuda;
  std::vector<Pair> pairs;
  for (const BenchmarkSamples& it : base.benchmarks) {
    const auto found = by_name.find(it.name);
    const BenchmarkSamples* other = found == by_name.end() ? nullptr : found->second;
    pairs.push_back({.base = &it, .now = other, .evidence = std::nullopt});
    pairs.back().same_code =
        other != nullptr && same_machine && !it.code.empty() && it.code == other->code;
    if (other != nullptr) by_name.erase(found);
  }
  for (const BenchmarkSamples& it : now.benchmarks) {
    if (by_name.contains(it.name)) {
      pairs.push_back({.base = nullptr, .now = &it, .evidence = std::nullopt});
    }
  }
  return pairs;
}

void weigh_all(std::vector<Pair>& pairs, double level, int threads) {
  // In pieces, so that ten thousand benchmarks are not ten thousand errands.
  constexpr std::size_t kPiece = 64;
  const std::size_t pieces = (pairs.size() + kPiece - 1) / kPiece;
  parallel_for(static_cast<int>(pieces), threads, [&](int piece) {
    const std::size_t from = static_cast<std::size_t>(piece) * kPiece;
    for (std::size_t i = from; i < std::min(pairs.size(), from + kPiece); ++i) {
      Pair& pair = pairs[i];
      if (has_samples(pair.base) && has_samples(pair.now)) {
        pair.evidence = weigh(*pair.base, *pair.now, level);
      }
    }
  });
  adjust(pairs);
}

}  // namespace windtunnel
