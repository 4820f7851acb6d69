// JSON as other tools write it: any size, NaN and Infinity included, and places for errors.
#pragma once

#include <rapidjson/document.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/base/source.h"

namespace windtunnel {

/// A parsed file. Names and texts of `root` lie in `buffer`, which is how an error finds its place.
struct JsonFile {
  std::shared_ptr<const SourceFile> source;
  std::vector<char> buffer;
  rapidjson::Document root;
};

using JsonValue = rapidjson::Value;

/// Throws ConfigError with line, column and byte offset of what is not JSON. Nesting can't exhaust
/// the stack.
JsonFile parse_json(std::string text, std::string path);

/// The same of a file, which it names as it is given.
JsonFile load_json(const std::filesystem::path& path);

/// Throws ConfigError at a name or text of the file, or at its beginning for anything else.
[[noreturn]] void reject_json(const JsonFile& file, const JsonValue& near,
                              const std::string& message, const std::string& accepted);

/// The value of a key, or null where `object` is none or has no such key.
const JsonValue* find_json(const JsonValue& object, std::string_view key);

/// The value of a key, or `object` itself: the nearest place for an error about it.
const JsonValue& json_place(const JsonValue& object, std::string_view key);

/// A text; empty where it is missing. Throws ConfigError for another type.
std::string json_text(const JsonFile& file, const JsonValue& object, std::string_view key);

/// A number, which may stand in a text and may be not finite; nothing where it is missing or null.
/// Throws ConfigError for another type.
std::optional<double> json_number(const JsonFile& file, const JsonValue& object,
                                  std::string_view key);

/// A boolean, also "true" and "false"; false where it is missing.
bool json_flag(const JsonValue& object, std::string_view key);

/// A list of numbers; empty where it is missing. Throws ConfigError for another type.
std::vector<double> json_numbers(const JsonFile& file, const JsonValue& object,
                                 std::string_view key);

/// A list of objects; empty where it is missing. Throws ConfigError for another type.
std::vector<const JsonValue*> json_objects(const JsonFile& file, const JsonValue& object,
                                           std::string_view key);

}  // namespace windtunnel
