// A case between the memories of hosts. What carries the bytes is given, so that a test can do it.
#pragma once

#include "bench/collectives/communicator.h"

namespace windtunnel::bench {

/// What a host's ranks are joined by, on whole numbers of two bytes. Counts and offsets are of
/// elements.
struct HostCalls {
  using Elements = std::vector<std::uint16_t>;
  std::function<void(const Elements& given, Elements& received)> all_gather;
  std::function<void(const Elements& given, Elements& received)> all_reduce;
  std::function<void(const Elements& given, Elements& received)> reduce_scatter;
  std::function<void(const Elements& given, Elements& received, const Ports& ports)> all_to_all;
};

/// A dispatch packs the rows for each rank, a combine sums those that came; both are part of the
/// time.
Attempt host_attempt(const CollectiveCase& it, const Control& control, const HostCalls& calls);

}  // namespace windtunnel::bench
