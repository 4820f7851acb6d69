#include "simulator/base/text_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <vector>

#include "simulator/base/error.h"
#include "simulator/base/replacement.h"
#include "simulator/base/suggestion.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = std::size_t{1} << 30;
constexpr std::size_t kPiece = std::size_t{1} << 16;

std::string reason_of(int error) { return std::generic_category().message(error); }

/// A hint at a file beside `path` of nearly its name and the same extension.
std::string hint_beside(const fs::path& path) {
  std::vector<std::string> stems;
  std::error_code error;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator item(folder, error), end; !error && item != end;
       item.increment(error)) {
    if (item->path().extension() == path.extension()) stems.push_back(item->path().stem().string());
  }
  std::sort(stems.begin(), stems.end());  // a folder's order is anybody's guess
  const std::string stem = closest(path.stem().string(), stems);
  return stem.empty() ? "" : fmt::format(", did you mean `{}{}`?", stem, path.extension().string());
}

[[noreturn]] void reject(const fs::path& path, const Source& named_at, const std::string& reason,
                         const std::string& hint = "") {
  const Source place =
      named_at.file
          ? named_at
          : Source{std::make_shared<const SourceFile>(SourceFile{path.string(), ""}), 1, 1};
  throw ConfigError(place, fmt::format("can't read `{}`: {}{}", path.string(), reason, hint),
                    "the path of a readable file");
}

}  // namespace

std::string read_text_file(const fs::path& path, const Source& named_at) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) reject(path, named_at, reason_of(EISDIR));
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    const int code = errno;
    reject(path, named_at, reason_of(code), code == ENOENT ? hint_beside(path) : "");
  }
  std::string text;
  while (in) {
    const std::size_t size = text.size();
    if (size > kLargestFile) reject(path, named_at, "it is larger than 1 GiB");
    text.resize(size + kPiece);
    in.read(text.data() + size, static_cast<std::streamsize>(kPiece));
    text.resize(size + static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) reject(path, named_at, reason_of(errno));
  return text;
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  Replacement replacement(path);
  errno = 0;
  std::ofstream out(replacement.file(), std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) cannot_write(path, errno);
  replacement.finish();
}

}  // namespace windtunnel
