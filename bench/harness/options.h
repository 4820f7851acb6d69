// The command line of windtunnel-bench.
#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "bench/harness/case.h"
#include "bench/harness/sampling.h"

namespace windtunnel::bench {

/// A mistake on the command line: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class On { kGpu, kModel };

/// Empty paths: not asked for.
struct Options {
  On device = On::kGpu;
  Regime regime = Regime::kBurst;
  std::string filter;
  int launches = 0;
  bool list = false;
  bool check = false;
  bool tiny = false;
  bool help = false;
  std::string json;
  std::string google_json;
  std::string database;
  std::string measurements;
};

/// `arguments` without the program's name. Throws UsageError, with what was probably meant.
Options parse_options(std::span<const std::string> arguments);

/// The cases whose name the regular expression `filter` finds; all for an empty one. Throws
/// UsageError for a broken expression and for one that finds none.
std::vector<Case> filtered(std::span<const Case> cases, const std::string& filter);

std::string usage();

}  // namespace windtunnel::bench
