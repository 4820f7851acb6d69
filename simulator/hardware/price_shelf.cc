#include "simulator/hardware/price_shelf.h"

#include <algorithm>
#include <utility>

namespace windtunnel {

std::size_t PriceShelf::place_of(const Gpu& gpu) {
  const auto found = std::find(gpus_.begin(), gpus_.end(), gpu);
  if (found != gpus_.end()) return static_cast<std::size_t>(found - gpus_.begin());
  gpus_.push_back(gpu);
  return gpus_.size() - 1;
}

PriceShelf::Prices PriceShelf::of(const TableSource& source,
                                  const std::vector<std::string>& categories,
                                  const std::vector<double>& axes,
                                  const std::function<Prices()>& make) {
  Key key{.stored = source.stored,
          .measured_on = 0,
          .asked_for = 0,
          .own = source.measured_on == source.asked_for,
          .categories = categories,
          .axes = axes};
  std::shared_ptr<const Prices> prices;
  {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMostKept || gpus_.size() >= kMostKept) {
      known_.clear();
      gpus_.clear();
    }
    key.measured_on = place_of(*source.measured_on);
    key.asked_for = key.own ? key.measured_on : place_of(*source.asked_for);
    const auto found = known_.find(key);
    if (found != known_.end()) prices = found->second;
  }
  if (prices) return *prices;
  // Made without the lock, since it may ask for other shapes; two threads make the same.
  prices = std::make_shared<const Prices>(make());
  const std::lock_guard lock(mutex_);
  // The shelf may have begun anew meanwhile, and count its GPUs from zero.
  key.measured_on = place_of(*source.measured_on);
  key.asked_for = key.own ? key.measured_on : place_of(*source.asked_for);
  known_.emplace(std::move(key), prices);
  return *prices;
}

}  // namespace windtunnel
