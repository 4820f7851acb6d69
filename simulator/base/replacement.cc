#include "simulator/base/replacement.h"

#include <fmt/format.h>
#include <unistd.h>

#include <system_error>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

bool is_special(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status);
}

/// Where a link leads, even to nothing yet.
fs::path followed(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  const fs::path target = fs::weakly_canonical(path.parent_path() / fs::read_symlink(path), error);
  if (error) cannot_write(path, error.value());
  return fs::is_symlink(target) ? followed(target) : target;
}

}  // namespace

void cannot_write(const fs::path& path, int error) {
  throw UsageError(fmt::format(
      "can't write `{}`: {}", path.string(),
      error == 0 ? "the disk or the library failed" : std::generic_category().message(error)));
}

Replacement::Replacement(const fs::path& target) : shown_(target), target_(target), file_(target) {
  if (is_special(target)) return;
  target_ = followed(target);
  file_ = target_.string() + fmt::format(".{}.tmp", ::getpid());
}

Replacement::~Replacement() {
  std::error_code ignored;
  if (!finished_ && !is_straight()) fs::remove(file_, ignored);
}

void Replacement::finish() {
  std::error_code error;
  if (!is_straight()) fs::rename(file_, target_, error);
  if (error) cannot_write(shown_, error.value());
  finished_ = true;
}

}  // namespace windtunnel
