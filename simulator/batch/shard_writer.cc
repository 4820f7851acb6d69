#include "simulator/batch/shard_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "simulator/base/error.h"
#include "simulator/base/text_file.h"

namespace windtunnel {
namespace {

constexpr std::chrono::seconds kBetweenSyncs{1};

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw UsageError(
      fmt::format("can't write `{}`: {}", path.string(), std::generic_category().message(errno)));
}

}  // namespace

ShardWriter::ShardWriter(const std::filesystem::path& file)
    : path_(file),
      file_(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666)),
      synced_(std::chrono::steady_clock::now()) {
  if (file_ < 0) fail(path_);
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) {  // a device may have no end to be read
    ::close(file_);
    throw UsageError(fmt::format("can't write `{}`: not a regular file", file.string()));
  }
  // Where a file system has no locks, as some of clusters, two writers are the caller's mistake.
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(file_);
    throw UsageError(fmt::format("`{}` is being written by another process", file.string()));
  }
}

ShardWriter::~ShardWriter() { ::close(file_); }

void ShardWriter::cut(std::int64_t size) {
  if (::ftruncate(file_, size) != 0) fail(path_);
}

void ShardWriter::append(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = ::write(file_, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_);
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - synced_ < kBetweenSyncs) return;
  sync();
  synced_ = now;
}

void ShardWriter::sync() {
  // A pipe or a device has nothing to keep.
  if (::fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS) fail(path_);
}

void begin_shard(ShardWriter& writer, const std::filesystem::path& file, const ShardHead& head,
                 std::int64_t whole) {
  // A file without one whole line is the beginning of our own, or somebody else's.
  if (whole == 0 && !head_line(head).starts_with(read_text_file(file))) {
    throw UsageError(fmt::format("{}: no rows of a batch; not touched", file.string()));
  }
  writer.cut(whole);
  if (whole == 0) writer.append(head_line(head));
}

}  // namespace windtunnel
