#include "bench/collectives/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/testing/data.h"

namespace windtunnel::bench {
namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

double share_of(Skew skew, int rank, int ranks) {
  switch (skew) {
    case Skew::kZipf: {
      double all = 0;
      for (int other = 1; other <= ranks; ++other) all += 1.0 / other;
      return 1.0 / (rank + 1) / all;
    }
    case Skew::kHot:
      if (ranks == 1) return 1;
      return rank == 0 ? 0.5 : 0.5 / (ranks - 1);
    default:
      return 1.0 / ranks;
  }
}

std::vector<std::int64_t> offsets_of(const std::vector<std::int64_t>& counts) {
  std::vector<std::int64_t> offsets(counts.size());
  std::exclusive_scan(counts.begin(), counts.end(), offsets.begin(), std::int64_t{0});
  return offsets;
}

std::vector<std::uint16_t> expected_of_traffic(const Traffic& traffic, int rank) {
  std::vector<std::uint16_t> want;
  for (int source = 0; source < static_cast<int>(traffic.size()); ++source) {
    const std::int64_t first = ports_of(traffic, source).send_offsets[at(rank)];
    for (std::int64_t i = 0; i < traffic[at(source)][at(rank)]; ++i) {
      want.push_back(static_cast<std::uint16_t>(given_value(source, first + i)));
    }
  }
  return want;
}

std::vector<std::uint16_t> expected_dispatch(const TokenRoutes& routes, int rank) {
  std::vector<std::uint16_t> want;
  for (const reference::Arrival& it : routes.exchange.arrivals[at(rank)]) {
    for (std::int64_t j = 0; j < kRowElements; ++j) {
      want.push_back(static_cast<std::uint16_t>(
          given_value(static_cast<int>(it.source), it.token * kRowElements + j)));
    }
  }
  return want;
}

std::vector<std::uint16_t> expected_combine(const TokenRoutes& routes, int rank) {
  std::vector<std::uint16_t> want(at(routes.tokens * kRowElements));
  for (int from = 0; from < static_cast<int>(routes.exchange.arrivals.size()); ++from) {
    const auto& arrivals = routes.exchange.arrivals[at(from)];
    for (std::int64_t row = 0; row < std::ssize(arrivals); ++row) {
      if (arrivals[at(row)].source != rank) continue;
      for (std::int64_t j = 0; j < kRowElements; ++j) {
        std::uint16_t& sum = want[at(arrivals[at(row)].token * kRowElements + j)];
        sum = static_cast<std::uint16_t>(sum + given_value(from, row * kRowElements + j));
      }
    }
  }
  return want;
}

bool by_token(const CollectiveCase& it) {
  return it.kind == Collective::kDispatch || it.kind == Collective::kCombine;
}

}  // namespace

TokenRoutes token_routes(const CollectiveCase& it, int ranks) {
  TokenRoutes routes{.tokens = it.elements / kRowElements, .choices = {}, .exchange = {}};
  const int experts = ranks * kRankExperts;
  for (int rank = 0; rank < ranks; ++rank) {
    routes.choices.push_back(generate::choices(routes.tokens, kTopK, experts,
                                               generate::Load::kUniform,
                                               90 + static_cast<std::uint64_t>(rank)));
  }
  routes.exchange = reference::exchange(routes.choices, kTopK, experts);
  return routes;
}

std::vector<std::int64_t> skewed_counts(std::int64_t total, Skew skew, int ranks) {
  std::vector<std::int64_t> counts;
  std::vector<double> rests;
  std::int64_t given = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    const double exact = static_cast<double>(total) * share_of(skew, rank, ranks);
    counts.push_back(static_cast<std::int64_t>(std::floor(exact)));
    rests.push_back(exact - std::floor(exact));
    given += counts.back();
  }
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rests[a] > rests[b]; });
  for (std::size_t i = 0; given < total; ++i, ++given) ++counts[order[i % order.size()]];
  return counts;
}

Traffic traffic_of(const CollectiveCase& it, int ranks) {
  if (it.kind == Collective::kAllToAll || it.kind == Collective::kAllToAllV) {
    const Skew skew = it.kind == Collective::kAllToAll ? Skew::kBalanced : it.skew;
    return Traffic(at(ranks), skewed_counts(it.elements, skew, ranks));
  }
  if (!by_token(it)) return {};
  Traffic traffic(at(ranks), std::vector<std::int64_t>(at(ranks)));
  const TokenRoutes routes = token_routes(it, ranks);
  for (int to = 0; to < ranks; ++to) {
    for (const reference::Arrival& arrival : routes.exchange.arrivals[at(to)]) {
      const std::int64_t from = arrival.source;
      const bool outward = it.kind == Collective::kDispatch;
      traffic[at(outward ? from : to)][at(outward ? to : from)] += kRowElements;
    }
  }
  return traffic;
}

Ports ports_of(const Traffic& traffic, int rank) {
  Ports ports;
  ports.send_counts = traffic[at(rank)];
  for (const auto& from : traffic) ports.receive_counts.push_back(from[at(rank)]);
  ports.send_offsets = offsets_of(ports.send_counts);
  ports.receive_offsets = offsets_of(ports.receive_counts);
  return ports;
}

std::int64_t sent_elements(const CollectiveCase& it, int ranks, int rank) {
  if (it.kind == Collective::kAllGather) return it.elements / ranks;
  if (it.kind != Collective::kCombine) return it.elements;
  const Ports ports = ports_of(traffic_of(it, ranks), rank);
  return std::accumulate(ports.send_counts.begin(), ports.send_counts.end(), std::int64_t{0});
}

std::int64_t received_elements(const CollectiveCase& it, int ranks, int rank) {
  if (it.kind == Collective::kReduceScatter) return it.elements / ranks;
  if (it.kind != Collective::kAllToAllV && it.kind != Collective::kDispatch) return it.elements;
  const Ports ports = ports_of(traffic_of(it, ranks), rank);
  return std::accumulate(ports.receive_counts.begin(), ports.receive_counts.end(), std::int64_t{0});
}

std::vector<std::uint16_t> expected_values(const CollectiveCase& it, int ranks, int rank) {
  if (it.kind == Collective::kDispatch) return expected_dispatch(token_routes(it, ranks), rank);
  if (it.kind == Collective::kCombine) return expected_combine(token_routes(it, ranks), rank);
  if (it.kind == Collective::kAllToAll || it.kind == Collective::kAllToAllV) {
    return expected_of_traffic(traffic_of(it, ranks), rank);
  }
  const std::int64_t part = it.elements / ranks;
  const bool gathers = it.kind == Collective::kAllGather;
  const std::int64_t first = it.kind == Collective::kReduceScatter ? rank * part : 0;
  std::vector<std::uint16_t> want(at(received_elements(it, ranks, rank)));
  for (std::int64_t i = 0; i < std::ssize(want); ++i) {
    int sum = 0;
    for (int from = 0; from < ranks; ++from) {
      if (gathers && i / part != from) continue;
      sum += given_value(from, gathers ? i % part : first + i);
    }
    want[at(i)] = static_cast<std::uint16_t>(sum);
  }
  return want;
}

std::string first_difference(std::span<const std::uint16_t> got,
                             std::span<const std::uint16_t> want) {
  if (got.size() != want.size()) {
    return fmt::format("{} elements, expected {}", got.size(), want.size());
  }
  const auto [a, b] = std::mismatch(got.begin(), got.end(), want.begin());
  if (a == got.end()) return "";
  return fmt::format("element {}: {}, expected {}", a - got.begin(), *a, *b);
}

}  // namespace windtunnel::bench
