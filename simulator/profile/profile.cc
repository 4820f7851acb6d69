#include "simulator/profile/profile.h"

#include <algorithm>

namespace windtunnel {

std::uint32_t TextTable::number_of(std::string_view text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  const auto added =
      numbers_.emplace(std::string(text), static_cast<std::uint32_t>(texts_.size())).first;
  texts_.push_back(&added->first);  // a map's keys stay where they are
  return added->second;
}

Span Profile::make_span(std::int64_t start, std::int64_t length, std::uint32_t what) {
  constexpr std::int64_t kTop = std::int64_t{1} << 31;
  if (length < kTop) return {start, static_cast<std::uint32_t>(length), what};
  long_lengths.push_back(length);
  return {start,
          static_cast<std::uint32_t>(kTop + static_cast<std::int64_t>(long_lengths.size()) - 1),
          what};
}

void sort_spans(Profile& profile) {
  for (Track& track : profile.tracks) {
    for (std::deque<Span>* spans : {&track.kernels, &track.annotations}) {
      // What encloses others comes before them.
      const auto before = [&](const Span& a, const Span& b) {
        return a.start != b.start ? a.start < b.start : profile.length(a) > profile.length(b);
      };
      if (!std::is_sorted(spans->begin(), spans->end(), before)) {
        std::sort(spans->begin(), spans->end(), [&](const Span& a, const Span& b) {
          return before(a, b) || (!before(b, a) && a.what < b.what);
        });
      }
    }
  }
}

}  // namespace windtunnel
