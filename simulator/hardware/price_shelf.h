// Prices of shapes that were asked for before: a search asks for the same few hundred again and
// again.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "simulator/hardware/price.h"
#include "simulator/hardware/shape_price.h"

namespace windtunnel {

/// For several threads. A price is a pure function of what it is kept by, so that it does not
/// matter which of them asked first.
class PriceShelf {
 public:
  using Prices = std::optional<std::vector<Price>>;

  /// What `make` answers for this source and shape, or answered before.
  Prices of(const TableSource& source, const std::vector<std::string>& categories,
            const std::vector<double>& axes, const std::function<Prices()>& make);

  static constexpr std::size_t kMostKept = 16384;  ///< then it begins anew

 private:
  /// GPUs by their place among `gpus_`: those of scenarios come and go, and may say something else
  /// under the same name.
  struct Key {
    const StoredTable* stored;
    std::size_t measured_on;
    std::size_t asked_for;
    bool own;  ///< the GPU that was measured is the one asked for, not one like it
    std::vector<std::string> categories;
    std::vector<double> axes;

    auto operator<=>(const Key&) const = default;
  };

  std::size_t place_of(const Gpu& gpu);

  std::mutex mutex_;
  std::vector<Gpu> gpus_;
  std::map<Key, std::shared_ptr<const Prices>> known_;
};

}  // namespace windtunnel
