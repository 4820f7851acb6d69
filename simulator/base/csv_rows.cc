#include "simulator/base/csv_rows.h"

#include <algorithm>

#include "simulator/base/error.h"
#include "simulator/base/shown_text.h"

namespace windtunnel {
namespace {

/// Where the text stops being printable UTF-8, or its size.
std::size_t first_bad_byte(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (static_cast<signed char>(text[i]) > 0) {  // nearly every byte of a table
      ++i;
      continue;
    }
    const std::size_t length = utf8_length(text.substr(i, 4));
    if (length == 0 || text[i] == '\0') return i;
    i += length;
  }
  return i;
}

class RowReader {
 public:
  explicit RowReader(const std::shared_ptr<const SourceFile>& file)
      : file_(file), text_(file->text) {}

  std::vector<std::vector<CsvCell>> read() {
    std::vector<std::vector<CsvCell>> rows;
    while (at_ < text_.size()) {
      if (!skip_line()) rows.push_back(row());
    }
    return rows;
  }

 private:
  /// Skips a blank line or a comment.
  bool skip_line() {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    const bool blank = end == at_ || (end == at_ + 1 && text_[at_] == '\r');
    if (!blank && text_[at_] != '#') return false;
    at_ = end + 1;
    return true;
  }

  std::vector<CsvCell> row() {
    std::vector<CsvCell> cells;
    cells.reserve(columns_);
    while (true) {
      cells.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : plain());
      if (at_ >= text_.size() || text_[at_++] == '\n') break;
    }
    columns_ = cells.size();
    return cells;
  }

  CsvCell plain() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n') ++at_;
    std::string_view cell = text_.substr(begin, at_ - begin);
    if (cell.ends_with('\r')) cell.remove_suffix(1);
    return {cell, begin, false};
  }

  CsvCell quoted() {
    const std::size_t begin = at_++;
    bool escaped = false;
    while (true) {
      at_ = text_.find('"', at_);
      if (at_ == std::string_view::npos) {
        throw ConfigError(source_at(file_, begin), "this quote is never closed",
                          "a cell that ends with a quote");
      }
      if (text_.substr(at_ + 1, 1) != "\"") break;
      escaped = true;
      at_ += 2;
    }
    const std::string_view cell = text_.substr(begin + 1, at_ - begin - 1);
    ++at_;
    if (text_.substr(at_, 2) == "\r\n") ++at_;
    if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n') {
      throw ConfigError(source_at(file_, at_), "text after a quoted cell",
                        "a comma or the end of the line; a quote inside quotes is doubled");
    }
    return {cell, begin, escaped};
  }

  const std::shared_ptr<const SourceFile>& file_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t columns_ = 0;  // of the row before
};

}  // namespace

std::vector<std::vector<CsvCell>> csv_rows(const std::shared_ptr<const SourceFile>& file) {
  const std::size_t bad = first_bad_byte(file->text);
  if (bad < file->text.size()) {
    const bool nul = file->text[bad] == '\0';
    throw ConfigError(source_at(file, bad), nul ? "a NUL byte" : "this is not valid UTF-8",
                      "a table of comma-separated values, in UTF-8");
  }
  return RowReader(file).read();
}

Source source_at(const std::shared_ptr<const SourceFile>& file, std::size_t offset) {
  const std::string_view before = std::string_view(file->text).substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  int column = 1;
  for (; !line.empty(); ++column) {
    line.remove_prefix(std::max<std::size_t>(utf8_length(line), 1));
  }
  return {file, static_cast<int>(lines) + 1, column};
}

}  // namespace windtunnel
