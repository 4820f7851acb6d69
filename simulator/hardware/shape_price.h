// Prices of one shape of one table: which GPU's measurements answer, moved to the GPU asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/price.h"

namespace windtunnel {

/// The measurements that answer for a GPU: its own, or those of a sibling.
struct TableSource {
  const StoredTable* stored;
  const Gpu* measured_on;
  const Gpu* asked_for;
};

/// Nothing where neither the GPU nor a sibling was measured.
std::optional<TableSource> find_source(const MeasurementStore& store, std::string_view table,
                                       const Gpu& gpu);

/// One price a value of the table's rule, in its order; `categories` and `axes` are in the rule's
/// order, axes positive. Nothing where these categories were never measured.
std::optional<std::vector<Price>> shape_prices(const MeasurementStore& store,
                                               const TableSource& source,
                                               const std::vector<std::string>& categories,
                                               const std::vector<double>& axes);

/// As above for callers that know what was measured; throws std::invalid_argument where nothing
/// was.
std::vector<Price> known_shape_prices(const MeasurementStore& store, std::string_view table,
                                      const Gpu& gpu, const std::vector<std::string>& categories,
                                      const std::vector<double>& axes);

}  // namespace windtunnel
