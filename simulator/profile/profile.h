// What is kept of a profile: every kernel in sixteen bytes, annotations, and who recorded it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulator/profile/kernel_class.h"

namespace windtunnel {

/// Texts by number, each kept once.
class TextTable {
 public:
  TextTable() = default;
  TextTable(TextTable&&) = default;
  TextTable& operator=(TextTable&&) = default;

  std::uint32_t number_of(std::string_view text);
  [[nodiscard]] const std::string& operator[](std::uint32_t number) const {
    return *texts_[number];
  }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
  std::vector<const std::string*> texts_;
};

/// A kernel's name and grid.
struct KernelKind {
  std::uint32_t name;
  std::uint32_t grid;  ///< empty text where the profile has none

  friend bool operator==(const KernelKind&, const KernelKind&) = default;
};

/// A stretch of time on a stream: a kernel (`what` is its kind) or an annotation (its name). Of a
/// length above 2^31 nanoseconds `length` is a place in Profile::long_lengths, with the top bit
/// set.
struct Span {
  std::int64_t start;  ///< nanoseconds
  std::uint32_t length;
  std::uint32_t what;
};

/// Kernels and annotations of one stream of a GPU, or of a thread of the host.
struct Track {
  std::uint32_t process;  ///< in Profile::texts, as `thread`
  std::uint32_t thread;
  std::deque<Span> kernels;
  std::deque<Span> annotations;
};

/// Events that were not read, and where the first stands.
struct UntimedKernels {
  std::int64_t count = 0;
  std::uint64_t first_byte = 0;
};

struct Profile {
  TextTable texts;
  std::vector<KernelKind> kinds;
  std::vector<Track> tracks;
  std::vector<std::int64_t> long_lengths;
  std::string gpu;  ///< as the driver calls it; empty where the profile does not say
  std::optional<std::int64_t> rank;
  std::optional<std::int64_t> world_size;
  std::int64_t events = 0;
  std::int64_t first = INT64_MAX;  ///< of all events, the host's too; nanoseconds
  std::int64_t last = INT64_MIN;
  UntimedKernels timeless;    ///< kernels without a start or a length that can be read
  UntimedKernels open_ended;  ///< kernels that begin and never end, ends of nothing

  [[nodiscard]] std::int64_t length(const Span& span) const {
    constexpr std::uint32_t kTop = std::uint32_t{1} << 31;
    return span.length < kTop ? span.length : long_lengths[span.length - kTop];
  }
  [[nodiscard]] std::int64_t end(const Span& span) const { return span.start + length(span); }

  /// A span as it is kept.
  Span make_span(std::int64_t start, std::int64_t length, std::uint32_t what);
};

/// Puts the spans of every track in order of time.
void sort_spans(Profile& profile);

}  // namespace windtunnel
