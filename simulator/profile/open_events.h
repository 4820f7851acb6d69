// Events that a profile writes as a begin and an end of their own, which may stand anywhere.
#pragma once

#include <cstdint>
#include <deque>

#include "simulator/profile/profile.h"

namespace windtunnel {

/// What a begin opens.
enum class Opened : std::uint8_t { kKernel, kAnnotation, kOther };

/// Collects them and pairs them at last: on a track an end closes what was opened last, as viewers
/// of traces do it.
class OpenEvents {
 public:
  /// `what` is as in Span; of kOther it means nothing. `byte` is where the event stands.
  void begin(std::uint32_t track, std::int64_t time, Opened opened, std::uint32_t what,
             std::uint64_t byte) {
    marks_.push_back({time, byte, track, what, opened, true});
  }
  void end(std::uint32_t track, std::int64_t time, std::uint64_t byte) {
    marks_.push_back({time, byte, track, 0, Opened::kOther, false});
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
    Opened opened;
    bool begins;
  };
  std::deque<Mark> marks_;
};

}  // namespace windtunnel
