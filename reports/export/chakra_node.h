// One node of a Chakra execution trace as protobuf (et_def.proto of mlcommons/chakra).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel {

enum class ChakraType : std::uint8_t { kCompute = 4, kSend = 5, kReceive = 6, kCollective = 7 };

enum class ChakraCollective : std::uint8_t {
  kAllReduce = 0,
  kAllGather = 2,
  kAllToAll = 6,
  kReduceScatter = 7
};

/// Attributes of which a node has those of its type: work of compute; source, destination, tag and
/// bytes of a send or receive; kind, group and bytes of a collective.
struct ChakraNode {
  std::uint64_t id;
  std::string_view name;
  ChakraType type;
  std::vector<std::uint64_t> after;   ///< its stream's order
  std::vector<std::uint64_t> inputs;  ///< whose results it needs
  std::uint64_t start_us;
  std::uint64_t duration_us;
  std::int64_t duration_ns;
  double flops;
  double bytes;
  std::int32_t from;
  std::int32_t to;
  std::int32_t tag;
  ChakraCollective collective;
  std::string group;
};

/// The file's first message.
std::string chakra_metadata();

/// The message, with its length before it as the format wants.
std::string chakra_message(const ChakraNode& node);

}  // namespace windtunnel
