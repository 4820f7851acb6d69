#include "bench/collectives/host_attempt.h"

#include <algorithm>
#include <chrono>

namespace windtunnel::bench {
namespace {

using Elements = HostCalls::Elements;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// Of one rank and case, with the buffers between.
struct HostCase {
  CollectiveCase item;
  Ports ports;
  Elements given;
  Elements packed;  ///< a dispatch's rows as they are sent, a combine's as they come
  Elements received;
  std::vector<std::int64_t> tokens;  ///< of each row of `packed`
};

/// Tokens in the order in which a rank's rows leave in a dispatch and come back in a combine.
std::vector<std::int64_t> tokens_by_rank(const TokenRoutes& routes, int rank) {
  std::vector<std::int64_t> tokens;
  for (const auto& arrivals : routes.exchange.arrivals) {
    for (const reference::Arrival& it : arrivals) {
      if (it.source == rank) tokens.push_back(it.token);
    }
  }
  return tokens;
}

void dispatch(HostCase& it, const HostCalls& calls) {
  for (std::int64_t row = 0; row < std::ssize(it.tokens); ++row) {
    std::copy_n(it.given.begin() + it.tokens[at(row)] * kRowElements, kRowElements,
                it.packed.begin() + row * kRowElements);
  }
  calls.all_to_all(it.packed, it.received, it.ports);
}

void combine(HostCase& it, const HostCalls& calls) {
  calls.all_to_all(it.given, it.packed, it.ports);
  std::fill(it.received.begin(), it.received.end(), std::uint16_t{0});
  for (std::int64_t row = 0; row < std::ssize(it.tokens); ++row) {
    const std::uint16_t* from = it.packed.data() + row * kRowElements;
    std::uint16_t* to = it.received.data() + it.tokens[at(row)] * kRowElements;
    for (std::int64_t j = 0; j < kRowElements; ++j) {
      to[j] = static_cast<std::uint16_t>(to[j] + from[j]);
    }
  }
}

void run_once(HostCase& it, const HostCalls& calls) {
  switch (it.item.kind) {
    case Collective::kAllGather:
      return calls.all_gather(it.given, it.received);
    case Collective::kAllReduce:
      return calls.all_reduce(it.given, it.received);
    case Collective::kReduceScatter:
      return calls.reduce_scatter(it.given, it.received);
    case Collective::kDispatch:
      return dispatch(it, calls);
    case Collective::kCombine:
      return combine(it, calls);
    default:
      return calls.all_to_all(it.given, it.received, it.ports);
  }
}

}  // namespace

Attempt host_attempt(const CollectiveCase& item, const Control& control, const HostCalls& calls) {
  const auto it = std::make_shared<HostCase>();
  it->item = item;
  const Traffic traffic = traffic_of(item, control.ranks);
  if (!traffic.empty()) it->ports = ports_of(traffic, control.rank);
  it->given.resize(at(sent_elements(item, control.ranks, control.rank)));
  for (std::int64_t i = 0; i < std::ssize(it->given); ++i) {
    it->given[at(i)] = static_cast<std::uint16_t>(given_value(control.rank, i));
  }
  it->received.assign(at(received_elements(item, control.ranks, control.rank)), 0xffff);
  if (item.kind == Collective::kDispatch || item.kind == Collective::kCombine) {
    it->tokens = tokens_by_rank(token_routes(item, control.ranks), control.rank);
    it->packed.resize(it->tokens.size() * at(kRowElements));
  }
  return {.sample =
              [=](int launches) {
                const auto begin = std::chrono::steady_clock::now();
                for (int i = 0; i < launches; ++i) run_once(*it, calls);
                const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
                return Seconds{took.count() / launches};
              },
          .received = [=] { return it->received; }};
}

}  // namespace windtunnel::bench
