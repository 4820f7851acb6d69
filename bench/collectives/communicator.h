// Ranks that can exchange, whatever carries it: MPI between hosts' memories, NCCL between GPUs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/collectives/routes.h"
#include "bench/harness/result.h"

namespace windtunnel::bench {

/// What ranks tell each other besides what is measured. All ranks call each of them.
struct Control {
  int rank;
  int ranks;
  std::function<void()> barrier;
  std::function<double(double)> largest;
  /// The text of the lowest rank that has one, for all.
  std::function<std::string(const std::string&)> first_text;
  /// Rank 0's bytes, for all.
  std::function<void(void*, std::size_t)> broadcast;
};

/// A case with its buffers, filled with given_value().
struct Attempt {
  /// Collectives one behind the other, between two waits; the time of one, as this rank sees it.
  std::function<Seconds(int launches)> sample;
  /// What the last of them left.
  std::function<std::vector<std::uint16_t>()> received;
};

struct Communicator {
  Control control;
  Machine machine;
  std::string backend;  ///< for reports: `host, MPI`, `NCCL 2.28.9`
  int nodes;
  int first_rank;  ///< the lowest rank of this process
  /// All ranks call it. Nothing where this backend can't, and `why` says so.
  std::function<std::optional<Attempt>(const CollectiveCase&, std::string& why)> start;
};

/// Runs `body` once on every rank that this process has. Where they can't be had nothing is run,
/// and the sentence says why.
using Body = std::function<void(const Communicator&)>;
std::string run_on_hosts(const Body& body);
std::string run_on_gpus(const Body& body);

}  // namespace windtunnel::bench
