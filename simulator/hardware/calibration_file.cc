#include "simulator/hardware/calibration_file.h"

#include <fmt/format.h>

#include "simulator/base/csv_file.h"
#include "simulator/base/hash.h"

namespace windtunnel {
namespace {

constexpr std::string_view kHeader =
    "# Leave-one-out over the measurement tables: tests/hardware/calibration_file_test.cc writes "
    "it.\n"
    "# median, p90: of |answer / measured - 1|. low, high: 10 % and 90 % of ln(measured / answer), "
    "in\n"
    "# units of the local spread; outside_*: an octave outside the measured range.\n"
    "table,gpu,value,rows,rejected,median,p90,coverage,low,high,outside_low,outside_high,inputs\n";

}  // namespace

std::string calibration_inputs(const MeasurementTable& table) {
  return content_hash(table.content_hash + rule_text(*table.rule));
}

std::string calibrations_text(const std::map<CalibrationKey, CalibrationRow>& rows) {
  std::string text(kHeader);
  for (const auto& [key, row] : rows) {
    const Accuracy& accuracy = row.result.accuracy;
    const Calibration& calibration = row.result.calibration;
    text += fmt::format("{},{},{},{},{},{:.4f},{:.4f},{:.3f},{:.4f},{:.4f},{:.4f},{:.4f},{}\n",
                        row.table, row.gpu, row.value, accuracy.rows, accuracy.rejected,
                        accuracy.median, accuracy.p90, accuracy.coverage, calibration.low,
                        calibration.high, calibration.outside_low, calibration.outside_high,
                        row.inputs);
  }
  return text;
}

std::map<CalibrationKey, CalibrationRow> load_calibrations(const std::filesystem::path& file) {
  std::map<CalibrationKey, CalibrationRow> rows;
  std::error_code failure;
  if (!std::filesystem::exists(file, failure)) return rows;
  const CsvTable table = load_csv(file);
  const auto text = [&](std::size_t row, std::string_view column) {
    return std::string(table.cell(row, table.column(column)));
  };
  const auto number = [&](std::size_t row, std::string_view column) {
    return table.number(row, table.column(column));
  };
  const auto count = [&](std::size_t row, std::string_view column) {
    return static_cast<std::size_t>(table.integer(row, table.column(column)));
  };
  for (std::size_t i = 0; i < table.row_count(); ++i) {
    CalibrationRow row = {
        text(i, "table"), text(i, "gpu"), text(i, "value"), {}, text(i, "inputs")};
    row.result.accuracy = {count(i, "rows"), count(i, "rejected"), number(i, "median"),
                           number(i, "p90"), number(i, "coverage")};
    row.result.calibration = {number(i, "low"), number(i, "high"), number(i, "outside_low"),
                              number(i, "outside_high")};
    rows.insert({{row.table, row.gpu, row.value}, row});
  }
  return rows;
}

}  // namespace windtunnel
