// What SciPy says of the same numbers: statistics_goldens.py writes the file.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

namespace windtunnel {

/// One part of the file. Tests run in the project's root.
inline nlohmann::json goldens(const char* part) {
  std::ifstream file("tests/reports/compare/statistics_goldens.json");
  return nlohmann::json::parse(file).at(part);
}

inline std::vector<double> numbers(const nlohmann::json& list) { return list; }

}  // namespace windtunnel
