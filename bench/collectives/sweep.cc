#include "bench/collectives/sweep.h"

#include <fmt/format.h>

#include "simulator/base/hash.h"

namespace windtunnel::bench {
namespace {

/// Of all ranks: how the output of the lowest that is wrong differs.
std::string wrong_anywhere(const Communicator& communicator, const CollectiveCase& item,
                           const Attempt& attempt) {
  const Control& control = communicator.control;
  std::string wrong =
      first_difference(attempt.received(), expected_values(item, control.ranks, control.rank));
  if (!wrong.empty()) wrong = fmt::format("rank {}, {}", control.rank, wrong);
  return control.first_text(wrong);
}

CollectiveResult run_case(const Communicator& communicator, const CollectiveCase& item,
                          int samples) {
  const Control& control = communicator.control;
  CollectiveResult result{
      .item = item,
      .moved = moved_bytes(item, traffic_of(item, control.ranks), control.ranks),
      .launches = launches_of(item),
      .ns = {},
      .wrong = {},
      .note = {}};
  std::string why;
  const auto attempt = communicator.start(item, why);
  result.note = control.first_text(attempt ? "" : why);
  if (!result.note.empty()) return result;
  // The first one also sets up connections.
  attempt->sample(1);
  result.wrong = wrong_anywhere(communicator, item, *attempt);
  for (int i = 0; i < samples && result.wrong.empty(); ++i) {
    control.barrier();
    result.ns.push_back(1e9 * control.largest(attempt->sample(result.launches).value));
  }
  return result;
}

}  // namespace

int launches_of(const CollectiveCase& it) {
  constexpr std::int64_t kShort = 1 << 20;
  return it.elements * kElementBytes <= kShort ? 20 : 1;
}

bool same_everywhere(const Control& control, const std::string& text) {
  const std::string own = content_hash(text);
  std::string first = own;
  control.broadcast(first.data(), first.size());
  return control.first_text(first == own ? "" : "other").empty();
}

std::string text(const Sweep& sweep, int samples) {
  std::string all =
      fmt::format("{} to {} by {}, {} samples", sweep.least, sweep.most, sweep.factor, samples);
  for (const Collective kind : sweep.kinds) all += fmt::format(", {}", collective_name(kind));
  for (const Skew skew : sweep.skews) all += fmt::format(", {}", skew_name(skew));
  return all;
}

std::vector<CollectiveResult> run_sweep(const Communicator& communicator, const Sweep& sweep,
                                        int samples) {
  std::vector<CollectiveResult> results;
  for (const CollectiveCase& item : cases_of(sweep, communicator.control.ranks)) {
    results.push_back(run_case(communicator, item, samples));
  }
  return results;
}

}  // namespace windtunnel::bench
