// Appends whole lines to a shard file that nobody else writes to.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "simulator/batch/shard_file.h"

namespace windtunnel {

/// An open shard file, locked against other processes. Every member throws UsageError with the
/// system's reason.
class ShardWriter {
 public:
  /// Creates `file` where it is missing.
  explicit ShardWriter(const std::filesystem::path& file);
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;
  ~ShardWriter();

  /// Cuts off what stands behind the first `size` bytes.
  void cut(std::int64_t size);

  /// Appends `lines`: on the disk within seconds, and with sync().
  void append(std::string_view lines);
  void sync();

 private:
  std::filesystem::path path_;
  int file_;
  std::chrono::steady_clock::time_point synced_;
};

/// Makes the file of `writer` one of `head`, of which the first `whole` bytes are there. Throws
/// UsageError where it holds something else.
void begin_shard(ShardWriter& writer, const std::filesystem::path& file, const ShardHead& head,
                 std::int64_t whole);

}  // namespace windtunnel
