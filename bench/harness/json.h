// The results document: every sample, and what is needed to judge it.
#pragma once

#include <span>
#include <string>

#include "bench/harness/figures.h"

namespace windtunnel::bench {

/// `windtunnel/bench`, version 1, indented, with a newline at its end.
std::string results_json(const Run& run, const Figures& figures, std::span<const Result> results);

}  // namespace windtunnel::bench
