// Tables of comma-separated values as the suite keeps them: a header, no quotes, `#` for comments.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::bench {

/// One line: its cells by the header's names.
using Row = std::map<std::string, std::string, std::less<>>;

/// Throws std::runtime_error with `name:line` for a line of another length than the header.
std::vector<Row> parse_csv(std::string_view text, std::string_view name);

/// The number in a cell, `otherwise` in an empty one; throws std::runtime_error for anything else.
double number(const Row& row, std::string_view column, double otherwise);

}  // namespace windtunnel::bench
