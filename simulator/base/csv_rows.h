// The lexical half of a CSV file: bytes to rows of cells. What the cells mean is csv_file.h's
// business.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/base/source.h"

namespace windtunnel {

/// One cell: its content without quotes, still with doubled quotes inside if `escaped`.
struct CsvCell {
  std::string_view text;
  std::size_t offset;  // of its first byte (the quote, if quoted) in the file
  bool escaped;
};

/// The rows of a file, comments and blank lines left out. Throws ConfigError for NUL bytes, invalid
/// UTF-8 and broken quotes.
std::vector<std::vector<CsvCell>> csv_rows(const std::shared_ptr<const SourceFile>& file);

/// The place of a byte of a file.
Source source_at(const std::shared_ptr<const SourceFile>& file, std::size_t offset);

}  // namespace windtunnel
