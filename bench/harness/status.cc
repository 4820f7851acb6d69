#include "bench/harness/status.h"

#include <fmt/format.h>

#include <set>

namespace windtunnel::bench {

std::string status_table(std::span<const Case> cases, const RunDates& dates) {
  std::string text = "| kernel | dtype | status |\n|---|---|---|\n";
  std::set<std::string> seen;
  for (const Case& it : cases) {
    const std::string_view operation = operation_name(it.shape.operation);
    const std::string_view dtype = dtype_name(it.shape.dtype);
    const std::string name = fmt::format("{}/{}", operation, dtype);
    if (it.implementation != "windtunnel" || !seen.insert(name).second) continue;
    const auto date = dates.find(name);
    text += fmt::format("| {} | {} | {} |\n", operation, dtype,
                        date == dates.end() ? "modelled" : "run on " + date->second);
  }
  return text;
}

std::string with_status(std::string_view readme, std::string_view table) {
  constexpr std::string_view kBegin = "<!-- status -->\n";
  constexpr std::string_view kEnd = "<!-- end -->";
  const std::size_t begin = readme.find(kBegin);
  const std::size_t end = readme.find(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return std::string(readme);
  }
  return fmt::format("{}{}{}", readme.substr(0, begin + kBegin.size()), table, readme.substr(end));
}

}  // namespace windtunnel::bench
