#include "simulator/base/byte_stream.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "simulator/base/error.h"
#include "simulator/base/replacement.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kBuffer = 1U << 18;
constexpr std::size_t kLargestPiece = std::size_t{1} << 30;  // zlib counts in 32 bits

std::string reason_of(int error) {
  return error == 0 ? "the disk or the library failed" : std::generic_category().message(error);
}

[[noreturn]] void cannot_read(const fs::path& path, int error) {
  throw UsageError(fmt::format("can't read `{}`: {}", path.string(), reason_of(error)));
}

}  // namespace

struct ByteWriter::State {
  explicit State(const fs::path& to) : path(to), replacement(to) {}

  fs::path path;
  Replacement replacement;
  gzFile file = nullptr;
};

ByteWriter::ByteWriter(const fs::path& path) : state_(std::make_unique<State>(path)) {
  errno = 0;
  // Level 6 of gzip, or as it is.
  const char* mode = path.extension() == ".gz" ? "wb6" : "wbT";
  state_->file = gzopen(state_->replacement.file().c_str(), mode);
  if (state_->file == nullptr) cannot_write(path, errno);
  gzbuffer(state_->file, kBuffer);
}

ByteWriter::~ByteWriter() {
  if (state_->file != nullptr) gzclose(state_->file);
}

void ByteWriter::write(std::string_view bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kLargestPiece);
    errno = 0;
    if (gzwrite(state_->file, piece.data(), static_cast<unsigned>(piece.size())) <= 0) {
      cannot_write(state_->path, errno);
    }
    bytes.remove_prefix(piece.size());
  }
}

void ByteWriter::finish() {
  errno = 0;
  const int closed = gzclose(state_->file);
  state_->file = nullptr;
  if (closed != Z_OK) cannot_write(state_->path, errno);
  state_->replacement.finish();
}

struct ByteReader::State {
  fs::path path;
  gzFile file;
};

ByteReader::ByteReader(const fs::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  if (fs::is_directory(path)) cannot_read(path, EISDIR);
  errno = 0;
  state_->file = gzopen(path.c_str(), "rb");
  if (state_->file == nullptr) cannot_read(path, errno);
  gzbuffer(state_->file, kBuffer);
}

ByteReader::~ByteReader() { gzclose(state_->file); }

std::size_t ByteReader::read(char* bytes, std::size_t size) {
  const auto asked = static_cast<unsigned>(std::min(size, kLargestPiece));
  errno = 0;
  const int got = gzread(state_->file, bytes, asked);
  int code = Z_OK;
  const char* message = gzerror(state_->file, &code);
  if (got > 0) return static_cast<std::size_t>(got);
  if (got == 0 && code == Z_OK) return 0;
  const int failure = errno;
  std::string_view why(message);
  // zlib's own messages begin with the name that it was given.
  const std::string named = state_->path.string() + ": ";
  if (why.starts_with(named)) why.remove_prefix(named.size());
  const std::string reason = code == Z_BUF_ERROR ? "the compressed data end too early"
                             : code == Z_ERRNO
                                 ? reason_of(failure)
                                 : "the compressed data are broken: " + std::string(why);
  throw UsageError(
      fmt::format("{}: byte {}: error: {}", state_->path.string(), gzoffset(state_->file), reason));
}

}  // namespace windtunnel
