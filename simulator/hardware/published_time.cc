#include "simulator/hardware/published_time.h"

#include <fmt/format.h>

#include <string_view>

namespace windtunnel {
namespace {

/// Files of published times that have the columns of a table.
struct PublishedTable {
  std::string_view table;
  std::string_view source;
  std::string_view file;
};

/// In order of preference: DeepGEMM's own figures before somebody else's run of it.
constexpr PublishedTable kPublished[] = {
    {"gemm", "deepgemm", "dense"},
    {"gemm", "infersim", "gemm"},
    {"mla_decode_flashmla", "infersim", "mla_decode"},
};

bool is_shape(const CsvTable& file, std::size_t row, const TableRule& rule,
              const std::vector<std::string>& categories, const std::vector<double>& axes) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (file.number(row, file.column(rule.axes[i].column)) != axes[i]) return false;
  }
  for (std::size_t i = 0; i < categories.size(); ++i) {
    const std::string_view cell = file.cell(row, file.column(rule.categories[i]));
    if (category_text(cell) != categories[i]) return false;
  }
  return true;
}

/// Rows stand in the order of their dates: the last one is the latest.
std::optional<std::size_t> last_row(const CsvTable& file, const TableRule& rule,
                                    const std::vector<std::string>& categories,
                                    const std::vector<double>& axes) {
  for (std::size_t row = file.row_count(); row-- > 0;) {
    if (is_shape(file, row, rule, categories, axes)) return row;
  }
  return std::nullopt;
}

}  // namespace

std::optional<PublishedTime> published_time(const MeasurementStore& store, const TableRule& rule,
                                            const Gpu& gpu,
                                            const std::vector<std::string>& categories,
                                            const std::vector<double>& axes) {
  constexpr double kSecondsPerMicrosecond = 1e-6;
  for (const PublishedTable& published : kPublished) {
    if (published.table != rule.table) continue;
    const CsvTable* file = find_published(store, gpu.id, published.source, published.file);
    if (file == nullptr) continue;
    const std::optional<std::size_t> row = last_row(*file, rule, categories, axes);
    if (!row) continue;
    const Manifest* manifest = find_manifest(store, gpu.id, published.source);
    std::string origin = manifest == nullptr ? std::string(published.source)
                                             : origin_text(*manifest, published.file);
    const std::optional<std::size_t> date = file->find_column("date");
    if (date) origin += fmt::format(", {}", file->cell(*row, *date));
    const double microseconds = file->number(*row, file->column(rule.values[0].column));
    return PublishedTime{microseconds * kSecondsPerMicrosecond, origin};
  }
  return std::nullopt;
}

}  // namespace windtunnel
