// What a price is: a time, how far it may be off, and where it comes from.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernels/shapes/units.h"

namespace windtunnel {

/// What a price rests on, best first: measured on this GPU with this implementation (between
/// measured shapes included), measured on a sibling GPU and moved by the ratio that binds, or a
/// roofline with the achieved fraction of kernels of the same class.
enum class Basis { kMeasured, kScaled, kEstimated };

/// Which part of a time rests on which basis; they add up to one.
struct BasisShares {
  double measured;
  double scaled;
  double estimated;
};

constexpr BasisShares all_of(Basis basis) {
  return {basis == Basis::kMeasured ? 1.0 : 0.0, basis == Basis::kScaled ? 1.0 : 0.0,
          basis == Basis::kEstimated ? 1.0 : 0.0};
}

/// Where a price comes from, in words. It can't be built without a source. Of a sum, `basis` and
/// the beginning of `source` are those of its longest part, `shares` those of all parts.
struct Provenance {
  Basis basis;
  std::string source;
  bool outside_range;  ///< the shape, or that of a part, lies outside what was measured
  BasisShares shares;

  Provenance(Basis the_basis, std::string the_source, bool is_outside_range)
      : basis(the_basis),
        source(std::move(the_source)),
        outside_range(is_outside_range),
        shares(all_of(the_basis)) {
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

/// `factor` launches one after another.
Price times(Price price, double factor);

/// A price at another size or place: `factor` times as long, resting on `basis` at best; `how` is
/// added to its source. A factor of one changes nothing.
Price moved(const Price& price, double factor, Basis basis, const std::string& how);

/// One after another, `parts` that are wrong together; at least one. Its provenance loses no part
/// that lies outside the measured range.
Price sum(const std::vector<Price>& parts);

}  // namespace windtunnel
