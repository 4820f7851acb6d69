// The rows of several shards in the order of their ids, whoever computed them and when.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/batch/batch.h"

namespace windtunnel {

/// Where a row stands: a file of the merge, and a place in it; no file: there is no such row.
struct RowPlace {
  std::int64_t offset = 0;
  std::int32_t size = 0;
  std::int32_t file = -1;
};

/// An index of rows, 16 bytes each; their text stays in the files.
struct MergedRows {
  BatchHead head;
  std::vector<std::filesystem::path> files;
  std::vector<RowPlace> places;  ///< by id
  std::int64_t missing;
  std::string torn = {};  ///< a line `FILE:LINE: ...` a shard whose last line is broken
};

/// Indexes the rows of shards of one batch. The same row may stand in several; throws ConfigError
/// with the line for rows that differ, for files of different batches and what read_shard()
/// rejects. A broken last line is what a killed process leaves, and is passed over and noted in
/// `torn`; behind all rows of its shard nothing was left to write, and it is rejected.
/// `accept` may throw for the batch of the first.
MergedRows merge_shards(const std::vector<std::filesystem::path>& files,
                        const std::function<void(const BatchHead&)>& accept = {});

/// The ids without a row, as ranges: "3, 7 to 9 and 12 more", and which shards end in a broken
/// line.
std::string missing_text(const MergedRows& rows);

/// Hands every row to `row`, by id.
void for_each_row(const MergedRows& rows,
                  const std::function<void(std::int64_t id, std::string_view text)>& row);

}  // namespace windtunnel
