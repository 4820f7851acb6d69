// The committed result of leave-one-out over all tables: so that a price needn't repeat it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "simulator/hardware/leave_one_out.h"
#include "simulator/hardware/measurement_table.h"

namespace windtunnel {

/// What one table, value and GPU is worth; `inputs` is a hash of the measurements and of the rule.
struct CalibrationRow {
  std::string table;
  std::string gpu;
  std::string value;
  CalibratedTable result;
  std::string inputs;
};

using CalibrationKey = std::array<std::string, 3>;  // table, gpu, value

/// Reads the file; throws ConfigError. Empty where there is no such file.
std::map<CalibrationKey, CalibrationRow> load_calibrations(const std::filesystem::path& file);

/// The file's text.
std::string calibrations_text(const std::map<CalibrationKey, CalibrationRow>& rows);

/// Hash of what a calibration of this table depends on.
std::string calibration_inputs(const MeasurementTable& table);

}  // namespace windtunnel
