#include "simulator/hardware/price.h"

#include <algorithm>

namespace windtunnel {

Price times(Price price, double factor) {
  price.time = price.time * factor;
  price.low = price.low * factor;
  price.high = price.high * factor;
  return price;
}

Price moved(const Price& price, double factor, Basis basis, const std::string& how) {
  if (factor == 1) return price;
  Price there = times(price, factor);
  there.provenance =
      Provenance(std::max(price.provenance.basis, basis), price.provenance.source + "; " + how,
                 price.provenance.outside_range);
  return there;
}

Price sum(const std::vector<Price>& parts) {
  if (parts.empty()) throw std::logic_error("a sum of no prices");
  const auto longest = std::max_element(
      parts.begin(), parts.end(), [](const Price& a, const Price& b) { return a.time < b.time; });
  Price total = *longest;
  total.time = total.low = total.high = Seconds{0};
  BasisShares seconds{0, 0, 0};
  for (const Price& part : parts) {
    total.time += part.time;
    total.low += part.low;
    total.high += part.high;
    const auto& [basis, source, outside_range, shares] = part.provenance;
    seconds.measured += part.time.value * shares.measured;
    seconds.scaled += part.time.value * shares.scaled;
    seconds.estimated += part.time.value * shares.estimated;
    if (!outside_range || total.provenance.outside_range || part.time.value <= 0) continue;
    total.provenance.outside_range = true;
    total.provenance.source += "; outside the measured range: " + source;
  }
  const double all = total.time.value;
  if (all <= 0) return total;
  total.provenance.shares = {seconds.measured / all, seconds.scaled / all, seconds.estimated / all};
  return total;
}

}  // namespace windtunnel
