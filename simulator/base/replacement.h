// Files that are replaced whole: a reader sees the old content or the new and never half of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace windtunnel {

/// A file to write to, beside the one that it replaces once it is finished; unfinished, it is
/// removed. A link goes on pointing to what is replaced. A device or a pipe can't be replaced by
/// renaming and is written straight.
class Replacement {
 public:
  explicit Replacement(const std::filesystem::path& target);
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement();

  const std::filesystem::path& file() const { return file_; }
  bool is_straight() const { return file_ == target_; }

  /// Throws UsageError.
  void finish();

 private:
  std::filesystem::path shown_;   // as it was asked for
  std::filesystem::path target_;  // where a link leads
  std::filesystem::path file_;
  std::size_t noted_ = 0;  // where remove_unfinished() finds it
  bool finished_ = false;
};

/// Removes what is being written and not yet finished, as a signal ends the program: safe to call
/// from a handler. Of more than 16 files at once the last to begin stay.
void remove_unfinished() noexcept;

/// Throws UsageError; `error` is errno's.
[[noreturn]] void cannot_write(const std::filesystem::path& path, int error);

}  // namespace windtunnel
