// Events that a profile writes as a begin and an end of their own, which may stand anywhere.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>

#include "simulator/profile/profile.h"

namespace windtunnel {

/// What a begin opens.
enum class Opened : std::uint8_t { kKernel, kAnnotation, kOther };

/// The name of an event that has none.
inline constexpr std::uint32_t kUnnamed = std::numeric_limits<std::uint32_t>::max();

/// Collects them and pairs them at last: on a track an end closes what was opened last under its
/// name or, where nothing of that name is open, what was opened last, as viewers of traces do it.
/// At one time come the ends of what began earlier, then the begins, then the ends of what has a
/// length of 0, in whatever order the file has them.
class OpenEvents {
 public:
  /// `what` is as in Span; of kOther it means nothing. `byte` is where the event stands. `name` is
  /// a number that equal names share.
  void begin(std::uint32_t track, std::int64_t time, Opened opened, std::uint32_t what,
             std::uint64_t byte, std::uint32_t name = kUnnamed) {
    marks_.push_back({time, byte, track, what, name, opened, true});
  }
  void end(std::uint32_t track, std::int64_t time, std::uint64_t byte,
           std::uint32_t name = kUnnamed) {
    marks_.push_back({time, byte, track, 0, name, Opened::kOther, false});
  }

  /// Adds the spans of all pairs to their tracks. Kernels that nothing ends, or after more than
  /// `longest` nanoseconds, are counted in `open_ended`, as are ends without a begin.
  void close(Profile& profile, std::int64_t longest);

 private:
  struct Mark {
    std::int64_t time;
    std::uint64_t byte;
    std::uint32_t track;
    std::uint32_t what;
    std::uint32_t name;
    Opened opened;
    bool begins;
  };
  class Pairing;
  std::deque<Mark> marks_;
};

}  // namespace windtunnel
