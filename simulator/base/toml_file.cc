#include "simulator/base/toml_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <utility>

#include "simulator/base/csv_rows.h"
#include "simulator/base/error.h"
#include "simulator/base/field_form.h"
#include "simulator/base/text_file.h"
#include "simulator/base/toml_guard.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

using File = std::shared_ptr<const SourceFile>;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr const char* kSyntax = "TOML: lines of `key = value` below headers like `[table]`";

Source to_source(const File& file, const toml::source_position& position) {
  return {file, std::max(static_cast<int>(position.line), 1),
          std::max(static_cast<int>(position.column), 1)};
}

Node to_node(const File& file, const toml::node& value);

Table to_table(const File& file, const toml::table& table) {
  Table result{{}, to_source(file, table.source().begin)};
  for (const auto& [key, value] : table) {
    result.entries.push_back(
        {std::string(key.str()), to_source(file, key.source().begin), to_node(file, value)});
  }
  // The parser sorts keys by name; a person wrote them in another order.
  const auto place = [](const Entry& entry) {
    return std::pair(entry.key_source.line, entry.key_source.column);
  };
  std::stable_sort(result.entries.begin(), result.entries.end(),
                   [&](const Entry& a, const Entry& b) { return place(a) < place(b); });
  return result;
}

Node to_node(const File& file, const toml::node& value) {
  const Source source = to_source(file, value.source().begin);
  if (const auto* table = value.as_table()) return {to_table(file, *table), source};
  if (const auto* array = value.as_array()) {
    std::vector<Node> list;
    for (const toml::node& item : *array) list.push_back(to_node(file, item));
    return {std::move(list), source};
  }
  if (const auto* boolean = value.as_boolean()) return {boolean->get(), source};
  if (const auto* integer = value.as_integer()) return {integer->get(), source};
  if (const auto* number = value.as_floating_point()) return {number->get(), source};
  if (const auto* text = value.as_string()) return {text->get(), source};
  throw ConfigError(source, "dates and times are not used here",
                    "a text in quotes, such as \"2024-12-27\"");
}

/// The parser's description without its lead-in, "Error while parsing value: ".
std::string reason(std::string_view description) {
  constexpr std::string_view kLeadIn = "Error while parsing ";
  const std::size_t colon = description.find(": ");
  if (description.starts_with(kLeadIn) && colon != std::string_view::npos) {
    description.remove_prefix(colon + 2);
  }
  std::string text(description);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

/// Parses `toml`, which may differ from the text that people are shown.
Node parse(const File& file, std::string_view toml) {
  if (const auto offset = too_deep(toml)) {
    throw ConfigError(source_at(file, *offset), "this nests too deeply",
                      fmt::format("at most {} levels", kDeepestNesting));
  }
  try {
    Table table = to_table(file, toml::parse(toml));
    table.source = {file, 1, 1};
    return {std::move(table), {file, 1, 1}};
  } catch (const toml::parse_error& error) {
    throw ConfigError(to_source(file, error.source().begin), reason(error.description()), kSyntax);
  }
}

Node load(const fs::path& path, const Source& named_at, std::vector<fs::path> chain) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  if (std::find(chain.begin(), chain.end(), canonical) != chain.end()) {
    throw ConfigError(named_at, fmt::format("`extends` leads back to `{}`", path.string()),
                      "a file that doesn't extend this one");
  }
  chain.push_back(canonical);

  Node root = parse_toml(read_text_file(path, named_at), path.string());
  Table& table = std::get<Table>(root.value);
  const Entry* extends = table.find("extends");
  if (!extends) return root;
  const Sourced<std::string> name{read_text(extends->value), extends->value.source};
  table.entries.erase(table.entries.begin() + (extends - table.entries.data()));
  Node base = load(beside(name), name.source, std::move(chain));
  return {merged(std::get<Table>(std::move(base.value)), std::move(table)), root.source};
}

/// Merges `change`, a table, over the table `root`, whose place stays.
void put_over(Node& root, Node change) {
  Table& table = std::get<Table>(root.value);
  const Source place = table.source;
  table = merged(std::move(table), std::get<Table>(std::move(change.value)));
  table.source = place;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// The value that a chain of one-key tables ends in.
Node& innermost(Node& node) {
  Table* table = std::get_if<Table>(&node.value);
  return table && !table->entries.empty() ? innermost(table->entries.front().value) : node;
}

}  // namespace

Node load_toml(const fs::path& path) { return load(path, {}, {}); }

Node load_toml(const fs::path& path, const Source& named_at) { return load(path, named_at, {}); }

Node parse_toml(std::string text, std::string path) {
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  const File file =
      std::make_shared<const SourceFile>(SourceFile{std::move(path), std::move(text)});
  return parse(file, file->text);
}

void set_value(Node& root, std::string_view dotted_key, std::string_view value_text,
               const std::string& said_in) {
  const File file = std::make_shared<const SourceFile>(
      SourceFile{said_in, fmt::format("{} = {}", dotted_key, value_text)});
  if (dotted_key.find_first_of("#=\r\n") != std::string_view::npos) {
    throw ConfigError({file, 1, 1}, "this is not a key", "dotted names: table.key = value");
  }
  Node change = parse(file, fmt::format("{} = 0", dotted_key));
  const bool one_line = value_text.find_first_of("\r\n") == std::string_view::npos;
  try {
    if (!one_line) throw std::invalid_argument("more than one key");
    change = parse(file, file->text);
  } catch (const std::exception&) {
    innermost(change).value = std::string(value_text);
  }
  put_over(root, std::move(change));
}

Node load_changed(const fs::path& path, const std::vector<Override>& overrides,
                  const std::string& said_in) {
  Node root = load_toml(path);
  for (const auto& [key, value] : overrides) set_value(root, key, value, said_in);
  return root;
}

void set_value(Node& root, std::string_view dotted_key, const Source& key_at, Node value) {
  const Source value_at = value.source;
  while (true) {
    const std::size_t dot = dotted_key.rfind('.');
    std::string key(dot == std::string_view::npos ? dotted_key : dotted_key.substr(dot + 1));
    Table table{{}, value_at};
    table.entries.push_back({std::move(key), key_at, std::move(value)});
    value = {std::move(table), value_at};
    if (dot == std::string_view::npos) break;
    dotted_key = dotted_key.substr(0, dot);
  }
  put_over(root, std::move(value));
}

std::string toml_text(const Node& value) {
  std::string out;
  if (const auto* list = std::get_if<std::vector<Node>>(&value.value)) {
    for (const Node& item : *list) out += (out.empty() ? "" : ", ") + toml_text(item);
    return "[" + out + "]";
  }
  if (const auto* table = std::get_if<Table>(&value.value)) {
    for (const Entry& entry : table->entries) {
      out += (out.empty() ? "" : ", ") + in_quotes(entry.key) + " = " + toml_text(entry.value);
    }
    return "{" + out + "}";
  }
  if (const auto* text = std::get_if<std::string>(&value.value)) return in_quotes(*text);
  if (const auto* boolean = std::get_if<bool>(&value.value)) return *boolean ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value.value)) return fmt::format("{}", *whole);
  return fmt::format("{}", std::get<double>(value.value));
}

fs::path beside(const Sourced<std::string>& named) {
  const fs::path folder =
      named.source.file ? fs::path(named.source.file->path).parent_path() : fs::path();
  return folder / named.value;
}

}  // namespace windtunnel
