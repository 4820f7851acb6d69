#include "reports/compare/json_file.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "simulator/base/csv_rows.h"
#include "simulator/base/error.h"
#include "simulator/base/text_file.h"

namespace windtunnel {
namespace {

/// The byte of a NaN or Infinity that goes on as if it were a number (`NaNe2`), which RapidJSON
/// does not survive; npos without one. Texts are passed over.
std::size_t broken_token(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (text[i] == 'N' || text[i] == 'I')) {
      std::size_t end = i;
      while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end]))) ++end;
      const std::string_view word = text.substr(i, end - i);
      const bool known = word == "NaN" || word == "Inf" || word == "Infinity";
      const char next = end < text.size() ? text[end] : ',';
      if (!known || std::isdigit(static_cast<unsigned char>(next)) || next == '.') return i;
      i = end - 1;
    }
  }
  return std::string_view::npos;
}

/// The member with its key, whose name is the place of an error about it.
const JsonValue::Member* member_of(const JsonValue& object, std::string_view key) {
  if (!object.IsObject()) return nullptr;
  for (auto it = object.MemberBegin(); it != object.MemberEnd(); ++it) {
    if (std::string_view(it->name.GetString(), it->name.GetStringLength()) == key) return &*it;
  }
  return nullptr;
}

std::string_view text_in(const JsonValue& value) {
  return {value.GetString(), value.GetStringLength()};
}

/// The number in a text: nvbench writes "0.00123" and nccl-tests "nan".
std::optional<double> parsed_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> number_in(const JsonValue& value) {
  if (value.IsNumber()) return value.GetDouble();
  if (value.IsString()) return parsed_number(text_in(value));
  return std::nullopt;
}

[[noreturn]] void reject_type(const JsonFile& file, const JsonValue::Member& member,
                              const char* accepted) {
  reject_json(file, member.name, fmt::format("`{}` has the wrong type", text_in(member.name)),
              accepted);
}

const JsonValue::Member* list_of(const JsonFile& file, const JsonValue& object,
                                 std::string_view key, const char* accepted) {
  const JsonValue::Member* member = member_of(object, key);
  if (member == nullptr || member->value.IsNull()) return nullptr;
  if (!member->value.IsArray()) reject_type(file, *member, accepted);
  return member;
}

}  // namespace

JsonFile parse_json(std::string text, std::string path) {
  JsonFile file;
  file.buffer.assign(text.begin(), text.end());
  file.buffer.push_back('\0');
  file.source = std::make_shared<const SourceFile>(SourceFile{std::move(path), std::move(text)});
  const std::size_t broken = broken_token(file.source->text);
  if (broken != std::string_view::npos) {
    throw ConfigError(
        source_at(file.source, broken),
        fmt::format("not JSON at byte {} of {}: Invalid value.", broken, file.source->text.size()),
        "a whole JSON document");
  }
  constexpr unsigned kHow = rapidjson::kParseInsituFlag | rapidjson::kParseNanAndInfFlag |
                            rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag;
  file.root.ParseInsitu<kHow>(file.buffer.data());
  const std::size_t size = file.source->text.size();
  if (file.root.HasParseError()) {
    const std::size_t at = std::min(file.root.GetErrorOffset(), size);
    throw ConfigError(
        source_at(file.source, at),
        fmt::format(
            "not JSON at byte {} of {}: {}{}", at, size,
            rapidjson::GetParseError_En(file.root.GetParseError()),
            at == size ? " The file ends here: it is cut off, or still being written." : ""),
        "a whole JSON document");
  }
  // A NUL ends what is parsed.
  const std::size_t end = file.source->text.find('\0');
  if (end != std::string::npos) {
    throw ConfigError(source_at(file.source, end),
                      fmt::format("not JSON at byte {} of {}: a NUL byte", end, size),
                      "a whole JSON document");
  }
  return file;
}

JsonFile load_json(const std::filesystem::path& path) {
  return parse_json(read_text_file(path), path.string());
}

void reject_json(const JsonFile& file, const JsonValue& near, const std::string& message,
                 const std::string& accepted) {
  std::size_t offset = 0;
  if (near.IsString()) {
    const char* at = near.GetString();
    const char* begin = file.buffer.data();
    // Not every text lies in the buffer: an empty one need not.
    if (std::less_equal<>()(begin, at) && std::less<>()(at, begin + file.buffer.size())) {
      offset = static_cast<std::size_t>(at - begin);
    }
  }
  throw ConfigError(source_at(file.source, offset), message, accepted);
}

const JsonValue* find_json(const JsonValue& object, std::string_view key) {
  const JsonValue::Member* member = member_of(object, key);
  return member == nullptr ? nullptr : &member->value;
}

const JsonValue& json_place(const JsonValue& object, std::string_view key) {
  const JsonValue* value = find_json(object, key);
  return value == nullptr ? object : *value;
}

std::string json_text(const JsonFile& file, const JsonValue& object, std::string_view key) {
  const JsonValue::Member* member = member_of(object, key);
  if (member == nullptr || member->value.IsNull()) return "";
  if (!member->value.IsString()) reject_type(file, *member, "a text");
  return std::string(text_in(member->value));
}

std::optional<double> json_number(const JsonFile& file, const JsonValue& object,
                                  std::string_view key) {
  const JsonValue::Member* member = member_of(object, key);
  if (member == nullptr || member->value.IsNull()) return std::nullopt;
  const std::optional<double> number = number_in(member->value);
  if (!number) reject_type(file, *member, "a number");
  return number;
}

bool json_flag(const JsonValue& object, std::string_view key) {
  const JsonValue* value = find_json(object, key);
  if (value == nullptr) return false;
  return value->IsBool() ? value->GetBool() : value->IsString() && text_in(*value) == "true";
}

std::vector<double> json_numbers(const JsonFile& file, const JsonValue& object,
                                 std::string_view key) {
  const char* accepted = "a list of numbers";
  const JsonValue::Member* member = list_of(file, object, key, accepted);
  if (member == nullptr) return {};
  std::vector<double> numbers;
  for (const JsonValue& item : member->value.GetArray()) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    const std::optional<double> number = item.IsNull() ? none : number_in(item);
    if (!number) reject_type(file, *member, accepted);
    numbers.push_back(*number);
  }
  return numbers;
}

std::vector<const JsonValue*> json_objects(const JsonFile& file, const JsonValue& object,
                                           std::string_view key) {
  const char* accepted = "a list of objects";
  const JsonValue::Member* member = list_of(file, object, key, accepted);
  if (member == nullptr) return {};
  std::vector<const JsonValue*> objects;
  for (const JsonValue& item : member->value.GetArray()) {
    if (!item.IsObject()) reject_type(file, *member, accepted);
    objects.push_back(&item);
  }
  return objects;
}

}  // namespace windtunnel
