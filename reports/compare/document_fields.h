// A document as a flat list of fields, so that two can be compared.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/compare/json_file.h"

namespace windtunnel {

/// One value: `run.gpu_hours`. Items of a list are named by what tells them apart
/// (`stages[batch ramp]`, `published[DeepSeek-V3/gpu_hours]`), else by their number.
struct DocumentField {
  std::string name;
  std::string text;  ///< as JSON writes it
  std::optional<double> number;
};

/// All fields below the root but those of the `left_out` keys, in the order of the file; throws
/// ConfigError for a document nested deeper than any of ours.
std::vector<DocumentField> document_fields(const JsonFile& file,
                                           const std::vector<std::string>& left_out);

/// What an item of a list is called there; its number where nothing tells it apart.
std::string item_name(const JsonValue& item, std::size_t number);

}  // namespace windtunnel
