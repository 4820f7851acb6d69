// A file of measurements, sorted into surfaces.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "simulator/base/csv_file.h"
#include "simulator/hardware/surface.h"
#include "simulator/hardware/table_rules.h"

namespace windtunnel {

/// Rows with the same categories: one surface a value of the rule, over the same places.
struct MeasurementGroup {
  std::vector<std::string> categories;
  std::vector<Surface> surfaces;
};

struct MeasurementTable {
  const TableRule* rule;
  std::string content_hash;  ///< of the file
  std::vector<MeasurementGroup> groups;
};

/// Sorts the rows of `file`; throws ConfigError for missing columns, for numbers that aren't
/// positive and for a shape that stands there twice (in a dated table the last one counts).
MeasurementTable make_measurement_table(const TableRule& rule, const CsvTable& file);

/// A number above 0 that a size or a time may be; throws ConfigError at the cell.
double positive_number(const CsvTable& file, std::size_t row, std::size_t column);

/// A category as it is compared: whole numbers without decimals.
std::string category_text(std::string_view cell);

/// The group of these categories, or null.
const MeasurementGroup* find_group(const MeasurementTable& table,
                                   const std::vector<std::string>& categories);

}  // namespace windtunnel
