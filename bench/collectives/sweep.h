// Every case on every rank: checked, then sampled.
#pragma once

#include "bench/collectives/communicator.h"

namespace windtunnel::bench {

/// One case. Without samples `notes` or `wrong` say why.
struct CollectiveResult {
  CollectiveCase item;
  MovedBytes moved;
  int launches;            ///< that make one sample
  std::vector<double> ns;  ///< of one launch, each the slowest rank's
  std::string wrong;       ///< how the output of some rank differs
  std::string note;        ///< why it was not tried
};

/// Between two waits, so that short ones are not all launch: 20 up to 1 MiB, beyond it one.
int launches_of(const CollectiveCase& it);

/// Whether every rank has rank 0's text: ranks with other arguments would wait for each other for
/// ever. All of them call it and get the same.
bool same_everywhere(const Control& control, const std::string& text);

/// Everything in a sweep that ranks must have alike.
std::string text(const Sweep& sweep, int samples);

/// All ranks call it and get the same.
std::vector<CollectiveResult> run_sweep(const Communicator& communicator, const Sweep& sweep,
                                        int samples);

}  // namespace windtunnel::bench
