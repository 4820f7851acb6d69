// A file as the stream of characters that a SAX parser takes: any size in a small buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace windtunnel {

/// Fills up to `size` bytes, 0 only at the end.
using ReadBytes = std::function<std::size_t(char* bytes, std::size_t size)>;

/// RapidJSON's concept of an input stream. Control characters become blanks: profilers put them raw
/// into names, which JSON forbids; only the end is a 0.
class JsonSource {
 public:
  using Ch = char;

  explicit JsonSource(ReadBytes read);

  [[nodiscard]] char Peek() const { return *at_; }
  char Take() {
    const char taken = *at_++;
    if (at_ == end_) refill();
    return taken;
  }
  /// Bytes taken so far.
  [[nodiscard]] std::size_t Tell() const {
    return before_ + static_cast<std::size_t>(at_ - buffer_.data());
  }

  // Only for writing, which nobody does.
  char* PutBegin() { return nullptr; }
  void Put(char) {}
  void Flush() {}
  std::size_t PutEnd(char*) { return 0; }

  /// What stands before and at byte `offset`, as far as it is still in the buffer.
  [[nodiscard]] std::string around(std::size_t offset, std::size_t most) const;

 private:
  void refill();

  ReadBytes read_;
  std::vector<char> buffer_;
  std::size_t before_ = 0;  ///< bytes of earlier fills
  char* at_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace windtunnel
