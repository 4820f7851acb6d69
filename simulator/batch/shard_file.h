// The file that rows are appended to while a batch runs. Every line ends in a checksum, which
// covers the batch's hash too: a line of another batch is as wrong as a broken one. Lines:
//   windtunnel-shard,1,HASH,COUNT,INDEX,OF,NAME,COLUMN:TYPE,...<tab>CHECKSUM
//   ID,CELL,...<tab>CHECKSUM
// Rows stand in any order. What a killed process left of its last line is no row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "simulator/batch/batch.h"

namespace windtunnel {

struct ShardHead {
  BatchHead batch;
  BatchPart share;
  bool operator==(const ShardHead&) const = default;
};

/// The lines of a shard, with the newline.
std::string head_line(const ShardHead& head);
std::string row_line(const BatchHead& batch, std::int64_t id, const Cells& cells);

/// A row and its place in the file; `text` is that of the cells.
struct ShardRow {
  std::int64_t id;
  std::string_view text;
  std::int64_t offset;  ///< of `text` in the file
  int line;             ///< 1-based
};

/// What a shard file holds besides its rows: `end` is the size without a torn last line, 0 where
/// not even the head is whole. `torn` is that last line, as far as it goes, and `lines` the number
/// of whole ones.
struct ShardContent {
  ShardHead head;
  std::int64_t end;
  int lines;
  std::string torn;
};

/// Reads a shard and hands its head to `begin`, then each row to `row`, a line in memory at a time.
/// Throws ConfigError with the line: for a file that is no shard, a broken line, an id that the
/// batch or the share lacks.
ShardContent read_shard(const std::filesystem::path& file,
                        const std::function<void(const ShardHead&)>& begin,
                        const std::function<void(const ShardRow&)>& row);

/// The error of a line of a shard, which is shown.
[[noreturn]] void reject_line(const std::filesystem::path& file, int line, std::string_view text,
                              const std::string& message, const std::string& accepted = "");

}  // namespace windtunnel
