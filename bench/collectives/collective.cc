#include "bench/collectives/collective.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/collectives/routes.h"

namespace windtunnel::bench {
namespace {

constexpr std::array<std::string_view, 7> kNames = {
    "all_gather", "all_reduce", "reduce_scatter", "alltoall", "alltoallv", "dispatch", "combine"};
constexpr std::array<std::string_view, 3> kSkewNames = {"balanced", "zipf", "hot"};

template <typename Value, std::size_t kCount>
std::optional<Value> find_name(const std::array<std::string_view, kCount>& names,
                               std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Value>(found - names.begin());
}

/// Bytes of the busiest rank's port, one way.
double busiest_bytes(const Traffic& traffic) {
  std::int64_t most = 0;
  for (std::size_t rank = 0; rank < traffic.size(); ++rank) {
    std::int64_t sent = 0;
    std::int64_t received = 0;
    for (std::size_t other = 0; other < traffic.size(); ++other) {
      if (other == rank) continue;
      sent += traffic[rank][other];
      received += traffic[other][rank];
    }
    most = std::max({most, sent, received});
  }
  return static_cast<double>(most * kElementBytes);
}

double mean_sent_bytes(const Traffic& traffic) {
  std::int64_t all = 0;
  for (const auto& from : traffic) {
    for (const std::int64_t count : from) all += count;
  }
  return static_cast<double>(all * kElementBytes) / static_cast<double>(traffic.size());
}

}  // namespace

std::string_view collective_name(Collective kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<Collective> find_collective(std::string_view name) {
  return find_name<Collective>(kNames, name);
}

std::string_view skew_name(Skew skew) { return kSkewNames[static_cast<std::size_t>(skew)]; }

std::optional<Skew> find_skew(std::string_view name) { return find_name<Skew>(kSkewNames, name); }

std::string case_name(const CollectiveCase& it) {
  if (it.kind != Collective::kAllToAllV) return std::string(collective_name(it.kind));
  return fmt::format("{}/{}", collective_name(it.kind), skew_name(it.skew));
}

MovedBytes moved_bytes(const CollectiveCase& it, const Traffic& traffic, int ranks) {
  const auto n = static_cast<double>(ranks);
  const Bytes size{static_cast<double>(it.elements * kElementBytes)};
  switch (it.kind) {
    case Collective::kAllReduce:
      return {size, size * (2 * (n - 1) / n)};
    case Collective::kAllGather:
    case Collective::kReduceScatter:
    case Collective::kAllToAll:
      return {size, size * ((n - 1) / n)};
    default:
      return {Bytes{mean_sent_bytes(traffic)}, Bytes{busiest_bytes(traffic)}};
  }
}

std::vector<CollectiveCase> cases_of(const Sweep& sweep, int ranks) {
  std::vector<CollectiveCase> cases;
  for (const Collective kind : sweep.kinds) {
    const bool tokens = kind == Collective::kDispatch || kind == Collective::kCombine;
    const std::int64_t unit = tokens ? kRowElements : ranks;
    const std::vector<Skew> one{Skew::kBalanced};
    for (const Skew skew : kind == Collective::kAllToAllV ? sweep.skews : one) {
      std::int64_t last = 0;
      for (std::int64_t bytes = sweep.least; bytes <= sweep.most; bytes *= sweep.factor) {
        const std::int64_t elements = bytes / kElementBytes / unit * unit;
        if (elements > last) cases.push_back({.kind = kind, .skew = skew, .elements = elements});
        last = elements;
        if (bytes > sweep.most / sweep.factor) break;
      }
    }
  }
  return cases;
}

}  // namespace windtunnel::bench
