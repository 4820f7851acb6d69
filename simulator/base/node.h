// A file's content before anybody knows what it means: values, lists and tables, each with the
// place where it was written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simulator/base/source.h"

namespace windtunnel {

struct Entry;
struct Node;

/// The file that a value set on the command line says it is from.
inline constexpr const char* kSetFile = "--set";

/// Keys in the order of the file. `source` is the table's header (or 1:1 for the root).
struct Table {
  std::vector<Entry> entries;
  Source source;

  /// The entry of `key` in this table itself (no dotted keys), or null.
  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
};

/// One value and its place.
struct Node {
  std::variant<bool, std::int64_t, double, std::string, std::vector<Node>, Table> value;
  Source source;
};

/// A key, where it stands, and its value.
struct Entry {
  std::string key;
  Source key_source;
  Node value;
};

/// The value at `a.b.c` (a list's item by its index: `links.0.kind`), or null.
const Node* find_node(const Node& root, std::string_view dotted_key);

/// The place of the value at `a.b.c`, or of the innermost table on the way that exists: where an
/// error about several keys points.
Source source_of(const Node& root, std::string_view dotted_key);

/// The files that the values below `root` were written in, in order of first appearance, without
/// what was set on the command line.
std::vector<std::string> files_of(const Node& root);

/// What a value is, for a message: "an integer", "a text", "a list", ...
std::string kind_text(const Node& node);

/// Tables merge recursively, anything else in `over` replaces what `base` has; the result's place
/// is that of `over`, the inner tables keep the place of `base`.
Table merged(Table base, Table over);

}  // namespace windtunnel
