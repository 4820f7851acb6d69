#include "simulator/hardware/overlap_matrix.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

constexpr std::string_view kNone = "none";
constexpr int kMostSms = 1024;
constexpr double kMostMicroseconds = 1e9;

/// One row, with errors at its cells.
class Row {
 public:
  Row(const CsvTable& table, std::size_t row) : table_{table}, row_{row} {}

  std::string_view text(std::string_view column) const {
    return table_.cell(row_, table_.column(column));
  }
  [[noreturn]] void refuse(std::string_view column, const std::string& what,
                           const std::string& accepted) const {
    throw ConfigError(table_.source(row_, table_.column(column)), what, accepted);
  }
  Operation operation(std::string_view column) const {
    const auto found = find_operation(text(column));
    if (!found) {
      refuse(column, fmt::format("unknown operation `{}`", text(column)),
             "a name of kernels/shapes, as gemm");
    }
    return *found;
  }
  Dtype dtype(std::string_view column) const {
    const auto found = find_dtype(text(column));
    if (!found) refuse(column, fmt::format("unknown dtype `{}`", text(column)), "bf16, fp8, fp32");
    return *found;
  }
  int sms(std::string_view column, int least) const {
    const std::int64_t value = table_.integer(row_, table_.column(column));
    if (value < least || value > kMostSms) {
      refuse(column, fmt::format("{} is out of range", column),
             fmt::format("a number of SMs from {} to {}", least, kMostSms));
    }
    return static_cast<int>(value);
  }
  double microseconds(std::string_view column) const {
    const double value = table_.number(row_, table_.column(column));
    if (value > 0 && value <= kMostMicroseconds) return value;
    refuse(column, fmt::format("{} is out of range", column), "microseconds above 0, up to 1e9");
  }
  void must_be_empty(std::string_view column) const {
    if (text(column).empty()) return;
    refuse(column, "nothing runs beside `none`", "an empty cell");
  }

 private:
  const CsvTable& table_;
  std::size_t row_;
};

OverlapCell cell_of(const Row& row) {
  OverlapCell cell{.compute = row.operation("compute"),
                   .compute_dtype = row.dtype("compute_dtype"),
                   .communication = std::nullopt,
                   .communication_dtype = Dtype::kBf16,
                   .compute_sms = row.sms("compute_sms", 1),
                   .communication_sms = row.sms("communication_sms", 0),
                   .compute_alone = {1e-6 * row.microseconds("compute_alone_us")},
                   .compute_slowdown = 1,
                   .communication_slowdown = 1};
  const bool none = row.text("communication") == kNone;
  if (none != (cell.communication_sms == 0)) {
    row.refuse("communication_sms", "`none` has no SMs, and everything else some",
               none ? "0" : "a number of SMs from 1");
  }
  if (none) {
    for (const std::string_view column :
         {"compute_beside_us", "communication_alone_us", "communication_beside_us"}) {
      row.must_be_empty(column);
    }
    return cell;
  }
  cell.communication = row.operation("communication");
  cell.communication_dtype = row.dtype("communication_dtype");
  cell.compute_slowdown =
      row.microseconds("compute_beside_us") / row.microseconds("compute_alone_us");
  cell.communication_slowdown =
      row.microseconds("communication_beside_us") / row.microseconds("communication_alone_us");
  return cell;
}

bool same_place(const OverlapCell& a, const OverlapCell& b) {
  return a.compute == b.compute && a.compute_dtype == b.compute_dtype &&
         a.communication == b.communication && a.communication_dtype == b.communication_dtype &&
         a.communication_sms == b.communication_sms;
}

}  // namespace

OverlapMatrix make_overlap_matrix(const CsvTable& table) {
  OverlapMatrix matrix{.file = table.file->path, .cells = {}};
  for (std::size_t i = 0; i < table.row_count(); ++i) {
    const Row row(table, i);
    const OverlapCell cell = cell_of(row);
    for (const OverlapCell& other : matrix.cells) {
      if (!same_place(cell, other)) continue;
      row.refuse("compute", "this pair stands here twice", "one row for each pair and SMs");
    }
    matrix.cells.push_back(cell);
  }
  return matrix;
}

OverlapMatrix load_overlap_matrix(const std::filesystem::path& file) {
  return make_overlap_matrix(load_csv(file));
}

const OverlapCell* find_overlap(const OverlapMatrix& matrix, const OverlapKey& key) {
  const auto found =
      std::find_if(matrix.cells.begin(), matrix.cells.end(), [&](const OverlapCell& it) {
        return it.compute == key.compute && it.compute_dtype == key.compute_dtype &&
               it.communication == key.communication &&
               it.communication_dtype == key.communication_dtype &&
               it.communication_sms == key.communication_sms;
      });
  return found == matrix.cells.end() ? nullptr : &*found;
}

}  // namespace windtunnel
