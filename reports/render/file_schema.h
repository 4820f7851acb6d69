// JSON Schema of the files that people write, from the tables of keys that decode them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulator/base/field_rows.h"

namespace windtunnel {

/// A kind of file and the keys its reader takes.
struct FileKind {
  std::string_view name;
  std::string_view what;
  FileKeys keys;
};

/// Every kind of TOML file that is read.
const std::vector<FileKind>& file_kinds();

/// A JSON Schema (draft 4, what editors' TOML servers read) that accepts a file of any of `kinds`,
/// whole or with `extends`: types, required and unknown keys, names, units and ranges of plain
/// numbers. Ranges of quantities stand in their descriptions; rules between keys are known to the
/// reader alone.
std::string render_schema(const std::vector<FileKind>& kinds);

}  // namespace windtunnel
