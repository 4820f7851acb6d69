// The part of JSON Schema that our schemas use, to check files against them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace windtunnel {

/// What is wrong with `value` under `schema` (whose `$ref`s point into `root`), or nothing. Throws
/// std::logic_error for a keyword that is not understood: none goes unchecked.
std::string schema_problem(const nlohmann::json& value, const nlohmann::json& schema,
                           const nlohmann::json& root);

}  // namespace windtunnel
