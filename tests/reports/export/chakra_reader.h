// Chakra files read back, as a feeder would.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/reports/export/decoded.h"

namespace windtunnel {

/// The messages of a file: each has its length before it.
inline std::vector<std::string> chakra_messages(const std::string& file) {
  std::vector<std::string> messages;
  const char* at = file.data();
  const char* end = at + file.size();
  while (at < end) {
    const auto size = static_cast<std::ptrdiff_t>(protozero::decode_varint(&at, end));
    if (size > end - at) break;
    messages.emplace_back(at, at + size);
    at += size;
  }
  if (at != end) messages.emplace_back("broken");
  return messages;
}

struct ReadNode {
  std::uint64_t id;
  std::string name;
  std::uint64_t type;
  std::vector<std::uint64_t> control;
  std::vector<std::uint64_t> data;
  std::uint64_t start;
  std::uint64_t duration;
  std::map<std::string, std::string> values;  ///< of attributes
};

inline std::vector<std::uint64_t> packed(const std::string& message, std::uint32_t tag) {
  std::vector<std::uint64_t> found;
  for (protozero::pbf_reader reader(message); reader.next();) {
    if (reader.tag() != tag) {
      reader.skip();
      continue;
    }
    for (const std::uint64_t value : reader.get_packed_uint64()) found.push_back(value);
  }
  return found;
}

inline ReadNode read_node(const std::string& message) {
  ReadNode node{.id = number(message, 1),
                .name = text(message, 2),
                .type = number(message, 3),
                .control = packed(message, 4),
                .data = packed(message, 5),
                .start = number(message, 6),
                .duration = number(message, 7),
                .values = {}};
  for (const std::string& attribute : submessages(message, 10)) {
    std::string value = text(attribute, 29);
    for (const std::uint32_t tag : {7U, 9U, 13U, 27U}) {
      if (!numbers(attribute, tag).empty()) value = std::to_string(number(attribute, tag));
    }
    node.values[text(attribute, 1)] = value;
  }
  return node;
}

}  // namespace windtunnel
