// The command line of windtunnel-collectives.
#pragma once

#include <string>
#include <vector>

#include "bench/collectives/collective.h"

namespace windtunnel::bench {

enum class Over { kGpus, kHosts };

/// Empty: not asked for.
struct CollectiveOptions {
  Over over = Over::kGpus;
  Sweep sweep;
  int samples = 20;
  std::string json;
  std::string database;
  std::string measurements;
  std::string help;  ///< the text to print and nothing else
};

/// `arguments` without the program's name. Throws UsageError.
CollectiveOptions parse_collective_options(std::vector<std::string> arguments);

}  // namespace windtunnel::bench
