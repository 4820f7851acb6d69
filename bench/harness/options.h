// The command line of windtunnel-bench.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/harness/case.h"
#include "bench/harness/sampling.h"

namespace windtunnel::bench {

enum class On { kGpu, kModel };

/// Empty: not asked for.
struct Options {
  On device = On::kGpu;
  Regime regime = Regime::kBurst;
  std::string filter;
  int launches = 0;
  bool list = false;
  bool check = false;
  bool tiny = false;
  bool overlap = false;
  std::string json;
  std::string google_json;
  std::string database;
  std::string measurements;
  std::string help;  ///< the text to print and nothing else
};

/// `arguments` without the program's name. Throws UsageError.
Options parse_options(std::vector<std::string> arguments);

/// The cases whose name the regular expression `filter` finds; all for an empty one. Throws
/// UsageError for a broken expression and for one that finds none.
std::vector<Case> filtered(std::span<const Case> cases, const std::string& filter);

}  // namespace windtunnel::bench
