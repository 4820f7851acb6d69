// Files too large to hold: read and written piece by piece, gzip by zlib.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace windtunnel {

/// Text on its way into a file, compressed where its name ends in .gz. It becomes the file with
/// finish(): before, and without it, whatever was there stays.
class ByteWriter {
 public:
  /// Throws UsageError where the file can't be written; so do write() and finish().
  explicit ByteWriter(const std::filesystem::path& path);
  ~ByteWriter();
  ByteWriter(const ByteWriter&) = delete;
  ByteWriter& operator=(const ByteWriter&) = delete;

  void write(std::string_view bytes);
  void finish();

  /// Bytes written so far, before compression.
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::uint64_t size_ = 0;
};

/// The content of a file, unpacked where it is gzip, whatever its name.
class ByteReader {
 public:
  /// Throws UsageError for what can't be read.
  explicit ByteReader(const std::filesystem::path& path);
  ~ByteReader();
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  /// Fills up to `size` bytes; 0 only at the end. Throws UsageError with the byte of the file, as
  /// it lies on the disk, up to which it was read when it turned out to be broken.
  std::size_t read(char* bytes, std::size_t size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace windtunnel
