// Protobuf messages as a tree of fields, read back by protozero: what `protoc --decode_raw` shows.
#pragma once

#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <vector>

namespace windtunnel {

/// The messages in field `tag` of `message`.
inline std::vector<std::string> submessages(const std::string& message, std::uint32_t tag) {
  std::vector<std::string> found;
  for (protozero::pbf_reader reader(message); reader.next();) {
    if (reader.tag() == tag && reader.wire_type() == protozero::pbf_wire_type::length_delimited) {
      found.push_back(reader.get_string());
    } else {
      reader.skip();
    }
  }
  return found;
}

/// The numbers in field `tag` of `message`, fixed or not.
inline std::vector<std::uint64_t> numbers(const std::string& message, std::uint32_t tag) {
  std::vector<std::uint64_t> found;
  for (protozero::pbf_reader reader(message); reader.next();) {
    if (reader.tag() == tag && reader.wire_type() == protozero::pbf_wire_type::varint) {
      found.push_back(reader.get_uint64());
    } else if (reader.tag() == tag && reader.wire_type() == protozero::pbf_wire_type::fixed64) {
      found.push_back(reader.get_fixed64());
    } else {
      reader.skip();
    }
  }
  return found;
}

/// The only one; 0 where there is none.
inline std::uint64_t number(const std::string& message, std::uint32_t tag) {
  const std::vector<std::uint64_t> all = numbers(message, tag);
  return all.empty() ? 0 : all.front();
}

inline std::string text(const std::string& message, std::uint32_t tag) {
  const std::vector<std::string> all = submessages(message, tag);
  return all.empty() ? "" : all.front();
}

}  // namespace windtunnel
