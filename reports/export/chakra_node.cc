#include "reports/export/chakra_node.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <protozero/pbf_builder.hpp>
#include <protozero/varint.hpp>

namespace windtunnel {
namespace {

enum class Field : protozero::pbf_tag_type {
  kId = 1,
  kName = 2,
  kType = 3,
  kControl = 4,
  kData = 5,
  kStart = 6,
  kDuration = 7,
  kAttribute = 10
};
enum class Metadata : protozero::pbf_tag_type { kVersion = 1 };
enum class Attribute : protozero::pbf_tag_type {
  kName = 1,
  kInt32 = 7,
  kInt64 = 9,
  kUint64 = 13,
  kBool = 27,
  kText = 29
};

std::string with_length(const std::string& message) {
  std::string framed;
  protozero::write_varint(std::back_inserter(framed), message.size());
  return framed + message;
}

using NodeBuilder = protozero::pbf_builder<Field>;
using AttributeBuilder = protozero::pbf_builder<Attribute>;

template <typename Fill>
void attribute(NodeBuilder& node, const char* name, const Fill& fill) {
  AttributeBuilder it(node, Field::kAttribute);
  it.add_string(Attribute::kName, name);
  fill(it);
}

void add_int32(NodeBuilder& node, const char* name, std::int32_t value) {
  attribute(node, name, [&](AttributeBuilder& it) { it.add_int32(Attribute::kInt32, value); });
}

void add_int64(NodeBuilder& node, const char* name, std::int64_t value) {
  attribute(node, name, [&](AttributeBuilder& it) { it.add_int64(Attribute::kInt64, value); });
}

/// ASTRA-sim divides by these: at least one.
std::int64_t at_least_one(double value) { return std::max<std::int64_t>(1, std::llround(value)); }

void add_attributes(NodeBuilder& out, const ChakraNode& node) {
  attribute(out, "is_cpu_op", [](AttributeBuilder& it) { it.add_bool(Attribute::kBool, false); });
  add_int64(out, "duration_ns", node.duration_ns);
  if (node.type == ChakraType::kCompute) {
    add_int64(out, "num_ops", at_least_one(node.flops));
    attribute(out, "tensor_size", [&](AttributeBuilder& it) {
      it.add_uint64(Attribute::kUint64, static_cast<std::uint64_t>(at_least_one(node.bytes)));
    });
    return;
  }
  add_int64(out, "comm_size", at_least_one(node.bytes));
  if (node.type == ChakraType::kCollective) {
    add_int64(out, "comm_type", static_cast<std::int64_t>(node.collective));
    attribute(out, "pg_name",
              [&](AttributeBuilder& it) { it.add_string(Attribute::kText, node.group); });
    return;
  }
  add_int32(out, "comm_src", node.from);
  add_int32(out, "comm_dst", node.to);
  add_int32(out, "comm_tag", node.tag);
}

}  // namespace

std::string chakra_metadata() {
  std::string message;
  protozero::pbf_builder<Metadata>(message).add_string(Metadata::kVersion, "0.0.4");
  return with_length(message);
}

std::string chakra_message(const ChakraNode& node) {
  std::string message;
  {
    NodeBuilder out(message);
    out.add_uint64(Field::kId, node.id);
    out.add_string(Field::kName, node.name.data(), node.name.size());
    out.add_enum(Field::kType, static_cast<std::int32_t>(node.type));
    out.add_packed_uint64(Field::kControl, node.after.begin(), node.after.end());
    out.add_packed_uint64(Field::kData, node.inputs.begin(), node.inputs.end());
    out.add_uint64(Field::kStart, node.start_us);
    out.add_uint64(Field::kDuration, node.duration_us);
    add_attributes(out, node);
  }
  return with_length(message);
}

}  // namespace windtunnel
