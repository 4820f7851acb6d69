// Prices of the shapes in a file, as `windtunnel price` prints them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulator/base/csv_file.h"
#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/price.h"

namespace windtunnel {

/// One price an answer of the table: `seconds`, or `dispatch_s` and `combine_s`.
struct PricedRow {
  std::vector<Price> prices;
};

/// The prices of the rows of `shapes`, in their order, on GPU `gpu` from table `table` (its name
/// without a GPU). Columns that are the table's own answers or remarks are ignored. Throws
/// UsageError for an unknown table or GPU, ConfigError at the header for an unknown or a missing
/// column, and at the cell for a category that was never measured or a size that isn't positive.
std::vector<PricedRow> price_rows(const MeasurementStore& store, std::string_view table,
                                  std::string_view gpu, const CsvTable& shapes);

/// The columns of `shapes` and behind them, each answer with its interval, `provenance` and
/// `source`.
std::string priced_csv(std::string_view table, const CsvTable& shapes,
                       const std::vector<PricedRow>& rows);

}  // namespace windtunnel
