#include "simulator/base/node.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace windtunnel {
namespace {

template <typename Entries>
auto* find_in(Entries& entries, std::string_view key) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [key](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

std::optional<std::size_t> to_index(std::string_view part) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  const bool whole = error == std::errc() && end == part.data() + part.size();
  return whole ? std::optional(index) : std::nullopt;
}

/// The value of `part` in a table, or of the item of that index in a list.
const Node* child(const Node& node, std::string_view part) {
  if (const Table* table = std::get_if<Table>(&node.value)) {
    const Entry* entry = table->find(part);
    return entry ? &entry->value : nullptr;
  }
  const auto* list = std::get_if<std::vector<Node>>(&node.value);
  const std::optional<std::size_t> index = to_index(part);
  return list && index && *index < list->size() ? &(*list)[*index] : nullptr;
}

struct Walk {
  const Node* innermost;  // the last node on the way
  bool complete;
};

/// True if there are keys and every key of `over` is the index of an item: `stages.0.tokens`
/// changes one item of a list.
bool names_items(const std::vector<Node>& list, const Table& over) {
  const auto& keys = over.entries;
  return !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](const Entry& entry) {
    const std::optional<std::size_t> index = to_index(entry.key);
    return index && *index < list.size();
  });
}

/// Merges a table into a table, or into items of a list; false where `over` has to replace `below`.
bool merge_inside(Node& below, Node& over) {
  Table* upper = std::get_if<Table>(&over.value);
  if (!upper) return false;
  if (Table* lower = std::get_if<Table>(&below.value)) {
    const Source header = lower->source;
    *lower = merged(std::move(*lower), std::move(*upper));
    lower->source = header;
    return true;
  }
  auto* list = std::get_if<std::vector<Node>>(&below.value);
  if (!list || !names_items(*list, *upper)) return false;
  for (Entry& entry : upper->entries) {
    Node& item = (*list)[*to_index(entry.key)];
    if (!merge_inside(item, entry.value)) item = std::move(entry.value);
  }
  return true;
}

Walk walk(const Node& root, std::string_view dotted_key) {
  const Node* node = &root;
  while (true) {
    const std::size_t dot = dotted_key.find('.');
    const Node* next = child(*node, dotted_key.substr(0, dot));
    if (!next) return {node, false};
    node = next;
    if (dot == std::string_view::npos) return {node, true};
    dotted_key.remove_prefix(dot + 1);
  }
}

void collect_files(const Node& node, std::vector<std::string>& files) {
  const auto note = [&](const Source& source) {
    if (source.file == nullptr || source.file->path == kSetFile) return;
    if (std::find(files.begin(), files.end(), source.file->path) == files.end()) {
      files.push_back(source.file->path);
    }
  };
  note(node.source);
  if (const auto* list = std::get_if<std::vector<Node>>(&node.value)) {
    for (const Node& item : *list) collect_files(item, files);
  }
  const auto* table = std::get_if<Table>(&node.value);
  if (table == nullptr) return;
  for (const Entry& entry : table->entries) {
    note(entry.key_source);
    collect_files(entry.value, files);
  }
}

}  // namespace

const Entry* Table::find(std::string_view key) const { return find_in(entries, key); }

Entry* Table::find(std::string_view key) { return find_in(entries, key); }

const Node* find_node(const Node& root, std::string_view dotted_key) {
  const Walk way = walk(root, dotted_key);
  return way.complete ? way.innermost : nullptr;
}

Source source_of(const Node& root, std::string_view dotted_key) {
  return walk(root, dotted_key).innermost->source;
}

std::vector<std::string> files_of(const Node& root) {
  std::vector<std::string> files;
  collect_files(root, files);
  return files;
}

std::string kind_text(const Node& node) {
  static constexpr std::array kKinds = {"true or false", "an integer", "a number",
                                        "a text",        "a list",     "a table"};
  return kKinds[node.value.index()];
}

Table merged(Table base, Table over) {
  for (Entry& entry : over.entries) {
    Entry* below = base.find(entry.key);
    if (!below) {
      base.entries.push_back(std::move(entry));
    } else if (!merge_inside(below->value, entry.value)) {
      *below = std::move(entry);
    }
  }
  base.source = over.source;
  return base;
}

}  // namespace windtunnel
