// A comparison with a row of each kind, for the tests of what is printed.
#pragma once

#include <limits>

#include "reports/compare/result_comparison.h"

namespace windtunnel {

inline ResultComparison sample_comparison() {
  const double none = std::numeric_limits<double>::quiet_NaN();
  ResultSet base{};
  base.path = "base.json";
  base.hash = "1";
  base.format = "windtunnel";
  base.device = "NVIDIA H200";
  ResultSet now = base;
  now.path = "new.json";
  now.commit = "abc";
  const auto row = [&](const char* name, double ratio, double half, double p, Outcome outcome,
                       const char* reason) {
    return BenchmarkRow{.name = name,
                        .base_samples = 9,
                        .new_samples = 9,
                        .base_s = 1e-4,
                        .new_s = 1e-4 * ratio,
                        .time = {ratio, ratio - half, ratio + half},
                        .cycles = std::nullopt,
                        .p = p,
                        .adjusted_p = p,
                        .outcome = outcome,
                        .reason = reason,
                        .confirming = std::nullopt};
  };
  ResultComparison comparison{.base = base,
                              .now = now,
                              .confirming = std::nullopt,
                              .rules = {},
                              .minimum_effect = 0.02,
                              .widening = 1,
                              .notes = {"driver differs: 570 and 580"},
                              .rows = {}};
  comparison.rows = {row("rope/<bf16>", 1.001, 0.01, 0.7, Outcome::kUnchanged, ""),
                     row("gemm/bf16", 1.05, 0.01, 4e-5, Outcome::kRegressed, ""),
                     row("moe,\"x\"", 1.03, 0.03, 0.01, Outcome::kUndecided, "50% more\nneeded"),
                     row("mla|fp8", 0.9, 0.02, 4e-5, Outcome::kImproved, ""),
                     row("gone", none, none, none, Outcome::kUndecided, "only in BASE")};
  comparison.rows[1].cycles = RatioInterval{1.048, 1.04, 1.06};
  comparison.rows[1].confirming = 1.06;
  comparison.rows[4].new_s = none;
  return comparison;
}

}  // namespace windtunnel
