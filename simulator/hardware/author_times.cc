#include "simulator/hardware/author_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "simulator/hardware/deepep_times.h"

namespace windtunnel {
namespace {

/// Files of published times that have the columns of a table.
struct AuthorFile {
  std::string_view table;
  std::string_view source;
  std::string_view file;
};

/// In order of preference.
constexpr AuthorFile kFiles[] = {
    {"gemm", "deepgemm", "dense"},
    {"gemm", "infersim", "gemm"},
};

AuthorTime time_of_row(const CsvTable& file, std::size_t row, const TableRule& rule) {
  constexpr double kSecondsPerMicrosecond = 1e-6;
  AuthorTime time = {.categories = {}, .place = {}, .seconds = {}, .range = {}, .origin = {}};
  for (std::string_view name : rule.categories) {
    time.categories.push_back(category_text(file.cell(row, file.column(name))));
  }
  for (const AxisRule& axis : rule.axes) {
    time.place.push_back(std::log2(positive_number(file, row, file.column(axis.column))));
  }
  for (const ValueRule& value : rule.values) {
    time.seconds.push_back(positive_number(file, row, file.column(value.column)) *
                           kSecondsPerMicrosecond);
  }
  return time;
}

/// The times of one file; its rows stand in the order of their dates.
std::vector<AuthorTime> times_of_file(const CsvTable& file, const TableRule& rule,
                                      const std::string& origin) {
  const std::optional<std::size_t> date = file.find_column("date");
  std::vector<AuthorTime> times;
  for (std::size_t row = 0; row < file.row_count(); ++row) {
    AuthorTime time = time_of_row(file, row, rule);
    time.origin = date ? fmt::format("{}, {}", origin, file.cell(row, *date)) : origin;
    const auto earlier = std::find_if(times.begin(), times.end(), [&](const AuthorTime& other) {
      return other.categories == time.categories && other.place == time.place;
    });
    if (earlier == times.end()) {
      times.push_back(std::move(time));
    } else {
      *earlier = std::move(time);
    }
  }
  return times;
}

}  // namespace

std::vector<AuthorTime> author_times(const MeasurementStore& store, const TableRule& rule,
                                     const Gpu& gpu) {
  if (rule.table == kDeepepTable) return deepep_times(store, gpu);
  std::vector<AuthorTime> times;
  for (const AuthorFile& named : kFiles) {
    if (named.table != rule.table) continue;
    const CsvTable* file = find_published(store, gpu.id, named.source, named.file);
    if (file == nullptr) continue;
    const std::string origin = published_origin(store, gpu.id, named.source, named.file);
    for (AuthorTime& time : times_of_file(*file, rule, origin)) {
      const bool known = std::any_of(times.begin(), times.end(), [&](const AuthorTime& other) {
        return other.categories == time.categories && other.place == time.place;
      });
      if (!known) times.push_back(std::move(time));
    }
  }
  return times;
}

}  // namespace windtunnel
