// Many tests at once: which p values count when a share of false discoveries is to be kept.
// Benjamini and Hochberg 1995.
#pragma once

#include <span>
#include <vector>

namespace windtunnel {

/// The p values adjusted for their number, in the order given: those at most q are discoveries of
/// which a share of q is false.
std::vector<double> adjusted_p(std::span<const double> p);

}  // namespace windtunnel
