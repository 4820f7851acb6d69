#include "simulator/batch/row_text.h"

namespace windtunnel {
namespace {

void append_cell(std::string& line, std::string_view cell) {
  if (cell.find_first_of("\",\r\n\t") == std::string_view::npos) {
    line += cell;
    return;
  }
  line += '"';
  for (const char c : cell) {
    if (c == '"') line += '"';
    line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  line += '"';
}

}  // namespace

std::string row_text(const Cells& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    append_cell(line, cells[i]);
  }
  return line;
}

Cells row_cells(std::string_view text) {
  Cells cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      cells.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

}  // namespace windtunnel
