// What a price is: a time, how far it may be off, and where it comes from.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "kernels/shapes/units.h"

namespace windtunnel {

/// What a price rests on, best first: measured on this GPU with this implementation (between
/// measured shapes included), measured on a sibling GPU and moved by the ratio that binds, or a
/// roofline with the achieved fraction of kernels of the same class.
enum class Basis { kMeasured, kScaled, kEstimated };

/// Where a price comes from, in words. It can't be built without a source.
struct Provenance {
  Basis basis;
  std::string source;
  bool outside_range;  ///< the shape lies outside what was measured

  Provenance(Basis the_basis, std::string the_source, bool is_outside_range)
      : basis(the_basis), source(std::move(the_source)), outside_range(is_outside_range) {
    if (source.empty()) throw std::logic_error("a price without a source");
  }
};

/// A time and the interval in which four of five measurements would lie.
struct Price {
  Seconds time;
  Seconds low;
  Seconds high;
  Provenance provenance;
};

}  // namespace windtunnel
