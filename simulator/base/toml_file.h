// TOML as a Node. This layer's only reader of scenarios, models, clusters and GPUs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/base/node.h"

namespace windtunnel {

/// Reads and parses `path` (the root is a Table) and resolves `extends = "other.toml"`, relative to
/// the naming file: tables merge recursively and the extending file wins. Throws ConfigError with a
/// position; for an unreadable `path` that is `named_at`, the place which named it, or path:1:1.
Node load_toml(const std::filesystem::path& path);
Node load_toml(const std::filesystem::path& path, const Source& named_at);

/// Parses `text`, calling it `path` in errors; `extends` stays an ordinary key. Throws ConfigError.
Node parse_toml(std::string text, std::string path);

/// `--set a.b.c=value`: puts the value there, creating tables on the way and replacing what stood
/// there (a table is merged). The value is read as TOML, and as a text where that fails. Its place
/// is in a file called `said_in` with the text `key = value`. Throws ConfigError for a broken key.
void set_value(Node& root, std::string_view dotted_key, std::string_view value_text,
               const std::string& said_in = kSetFile);

/// A key and the text of its new value: `--set`.
using Override = std::pair<std::string, std::string>;

/// The file as `overrides` change it, which are from the file `said_in`.
Node load_changed(const std::filesystem::path& path, const std::vector<Override>& overrides,
                  const std::string& said_in = kSetFile);

/// Puts a value that was written elsewhere at `a.b.c` in the same way; `key_at` is the place of the
/// key.
void set_value(Node& root, std::string_view dotted_key, const Source& key_at, Node value);

/// The value as TOML writes it, on one line: set_value() reads it back.
std::string toml_text(const Node& value);

/// A path that a file names, relative to that file.
std::filesystem::path beside(const Sourced<std::string>& named);

}  // namespace windtunnel
