#include "simulator/base/replacement.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
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

/// A file's name where a signal handler may read it: in no memory that could be freed meanwhile.
struct Unfinished {
  std::atomic<bool> taken = false;
  std::atomic<bool> written = false;
  std::array<char, PATH_MAX> name = {};
};

// A signal handler reaches nothing but a global.
std::array<Unfinished, 16> unfinished_files;
static_assert(std::atomic<bool>::is_always_lock_free);

/// Its place among them; unfinished_files.size() where there is no room for it.
std::size_t remember(const fs::path& file) {
  const std::string& name = file.native();
  std::size_t free = 0;
  if (name.size() >= PATH_MAX) return unfinished_files.size();
  while (free < unfinished_files.size() && unfinished_files[free].taken.exchange(true)) ++free;
  if (free == unfinished_files.size()) return free;
  unfinished_files[free].name[name.copy(unfinished_files[free].name.data(), name.size())] = '\0';
  unfinished_files[free].written = true;
  return free;
}

void forget(std::size_t place) {
  if (place == unfinished_files.size()) return;
  unfinished_files[place].written = false;
  unfinished_files[place].taken = false;
}

}  // namespace

void cannot_write(const fs::path& path, int error) {
  throw UsageError(fmt::format(
      "can't write `{}`: {}", path.string(),
      error == 0 ? "the disk or the library failed" : std::generic_category().message(error)));
}

Replacement::Replacement(const fs::path& target)
    : shown_(target), target_(target), file_(target), noted_(unfinished_files.size()) {
  if (is_special(target)) return;
  target_ = followed(target);
  file_ = target_.string() + fmt::format(".{}.tmp", ::getpid());
  noted_ = remember(file_);
}

Replacement::~Replacement() {
  std::error_code ignored;
  if (!finished_ && !is_straight()) fs::remove(file_, ignored);
  forget(noted_);
}

void Replacement::finish() {
  std::error_code error;
  if (!is_straight()) fs::rename(file_, target_, error);
  if (error) cannot_write(shown_, error.value());
  finished_ = true;
}

void remove_unfinished() noexcept {
  for (const Unfinished& file : unfinished_files) {
    if (file.written) ::unlink(file.name.data());
  }
}

}  // namespace windtunnel
