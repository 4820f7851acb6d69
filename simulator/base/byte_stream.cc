#include "simulator/base/byte_stream.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kBuffer = 1U << 18;
constexpr std::size_t kLargestPiece = std::size_t{1} << 30;  // zlib counts in 32 bits

std::string reason_of(int error) {
  return error == 0 ? "the disk or the library failed" : std::generic_category().message(error);
}

[[noreturn]] void cannot(const char* what, const fs::path& path, const std::string& reason) {
  throw UsageError(fmt::format("can't {} `{}`: {}", what, path.string(), reason));
}

bool is_special(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status);
}

}  // namespace

struct ByteWriter::State {
  fs::path path;
  fs::path temporary;  ///< the path itself where that is a device
  gzFile file;
};

ByteWriter::ByteWriter(const fs::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->temporary =
      is_special(path) ? path : fs::path(path.string() + fmt::format(".{}.tmp", ::getpid()));
  errno = 0;
  // Level 6 of gzip, or as it is.
  state_->file = gzopen(state_->temporary.c_str(), path.extension() == ".gz" ? "wb6" : "wbT");
  if (state_->file == nullptr) cannot("write", path, reason_of(errno));
  gzbuffer(state_->file, kBuffer);
}

ByteWriter::~ByteWriter() {
  if (state_->file == nullptr) return;
  gzclose(state_->file);
  std::error_code ignored;
  if (state_->temporary != state_->path) fs::remove(state_->temporary, ignored);
}

void ByteWriter::write(std::string_view bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kLargestPiece);
    errno = 0;
    if (gzwrite(state_->file, piece.data(), static_cast<unsigned>(piece.size())) <= 0) {
      cannot("write", state_->path, reason_of(errno));
    }
    bytes.remove_prefix(piece.size());
  }
}

void ByteWriter::finish() {
  errno = 0;
  const int closed = gzclose(state_->file);
  state_->file = nullptr;
  std::error_code error;
  if (closed != Z_OK) {
    const int code = errno;
    if (state_->temporary != state_->path) fs::remove(state_->temporary, error);
    cannot("write", state_->path, reason_of(code));
  }
  if (state_->temporary == state_->path) return;
  fs::rename(state_->temporary, state_->path, error);
  if (!error) return;
  const std::string reason = error.message();
  fs::remove(state_->temporary, error);
  cannot("write", state_->path, reason);
}

struct ByteReader::State {
  fs::path path;
  gzFile file;
  std::uint64_t offset;
};

ByteReader::ByteReader(const fs::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  if (fs::is_directory(path)) cannot("read", path, reason_of(EISDIR));
  errno = 0;
  state_->file = gzopen(path.c_str(), "rb");
  if (state_->file == nullptr) cannot("read", path, reason_of(errno));
  gzbuffer(state_->file, kBuffer);
}

ByteReader::~ByteReader() { gzclose(state_->file); }

std::size_t ByteReader::read(char* bytes, std::size_t size) {
  const auto asked = static_cast<unsigned>(std::min(size, kLargestPiece));
  errno = 0;
  const int got = gzread(state_->file, bytes, asked);
  int code = Z_OK;
  const char* message = gzerror(state_->file, &code);
  if (got > 0) {
    state_->offset += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }
  if (got == 0 && code == Z_OK) return 0;
  const std::string reason = code == Z_BUF_ERROR ? "the compressed data end too early"
                             : code == Z_ERRNO
                                 ? reason_of(errno)
                                 : "the compressed data are broken: " + std::string(message);
  throw UsageError(
      fmt::format("{}: byte {}: error: {}", state_->path.string(), state_->offset, reason));
}

}  // namespace windtunnel
