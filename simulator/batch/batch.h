// Many evaluations of one pure function, a row each: what the executor, its files and their merge
// know of them. Nothing here knows of scenarios.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace windtunnel {

/// What the cells of a column are; kAny: whole, real or text, each cell by how it is written.
enum class ColumnType : std::uint8_t { kAny, kWhole, kReal, kText };

struct Column {
  std::string name;
  ColumnType type;
  bool operator==(const Column&) const = default;
};

/// Cells in the order of the columns; an empty one is no value.
using Cells = std::vector<std::string>;

/// What the rows are of. `hash`: of all that a row depends on besides its id. Ids are 0 to
/// `count` - 1.
struct BatchHead {
  std::string name;
  std::string hash;
  std::int64_t count;
  std::vector<Column> columns;  ///< after the id
  bool operator==(const BatchHead&) const = default;
};

/// `evaluate` is a pure function of the id, called from several threads at once. `changed` names a
/// file that is not what it was when the hash was taken, or nothing.
struct Batch {
  BatchHead head;
  std::function<Cells(std::int64_t id)> evaluate;
  std::function<std::string()> changed = {};
};

/// Every `of`-th id from `index` on: a part of a batch that needs to know of no other part.
struct BatchPart {
  int index;
  int of;
  bool operator==(const BatchPart&) const = default;
};

/// Ids of the share among `count`.
constexpr std::int64_t share_size(const BatchPart& share, std::int64_t count) {
  return (count - share.index + share.of - 1) / share.of;
}

}  // namespace windtunnel
