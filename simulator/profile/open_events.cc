#include "simulator/profile/open_events.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace windtunnel {

/// What is open on a track while its marks are taken, time by time.
class OpenEvents::Pairing {
 public:
  using Marks = std::vector<const Mark*>;

  Pairing(Profile& profile, std::int64_t longest) : profile_(profile), longest_(longest) {}

  /// The marks of one time.
  void take(const Marks& ends, const Marks& begins) {
    Marks rest;
    for (const Mark* end : ends) {
      const auto named = last_named(end->name);
      if (named == open_.end()) {
        rest.push_back(end);
      } else {
        close(named, *end);
      }
    }
    std::unordered_set<std::uint32_t> begun;
    if (!rest.empty()) {
      for (const Mark* begin : begins) begun.insert(begin->name);
    }
    Marks empty;  // ends of what begins now
    for (const Mark* end : rest) {
      const bool now = end->name != kUnnamed && begun.contains(end->name);
      if (now || open_.empty()) {
        empty.push_back(end);
      } else {
        close(open_.end() - 1, *end);
      }
    }
    open_.insert(open_.end(), begins.begin(), begins.end());
    for (const Mark* end : empty) {
      const auto named = last_named(end->name);
      if (open_.empty()) {
        leave_out(*end);
      } else {
        close(named == open_.end() ? named - 1 : named, *end);
      }
    }
  }

  /// The track has no more marks.
  void abandon() {
    for (const Mark* mark : open_) {
      if (mark->opened == Opened::kKernel) leave_out(*mark);
    }
    open_.clear();
  }

 private:
  Marks::iterator last_named(std::uint32_t name) {
    if (name == kUnnamed) return open_.end();
    const auto found = std::find_if(open_.rbegin(), open_.rend(),
                                    [&](const Mark* mark) { return mark->name == name; });
    return found == open_.rend() ? open_.end() : found.base() - 1;
  }

  void leave_out(const Mark& mark) {
    UntimedKernels& left = profile_.open_ended;
    if (left.count++ == 0 || mark.byte < left.first_byte) left.first_byte = mark.byte;
  }

  void close(Marks::iterator place, const Mark& end) {
    const Mark& opening = **place;
    open_.erase(place);
    const std::int64_t length = end.time - opening.time;
    if (length > longest_) {
      leave_out(opening);
    } else if (opening.opened != Opened::kOther) {
      Track& track = profile_.tracks[end.track];
      (opening.opened == Opened::kKernel ? track.kernels : track.annotations)
          .push_back(profile_.make_span(opening.time, length, opening.what));
    }
  }

  Profile& profile_;
  std::int64_t longest_;
  Marks open_;
};

void OpenEvents::close(Profile& profile, std::int64_t longest) {
  std::sort(marks_.begin(), marks_.end(), [](const Mark& a, const Mark& b) {
    if (a.track != b.track) return a.track < b.track;
    return a.time != b.time ? a.time < b.time : a.byte < b.byte;
  });
  Pairing pairing(profile, longest);
  for (auto mark = marks_.begin(); mark != marks_.end();) {
    const Mark& first = *mark;
    Pairing::Marks ends;
    Pairing::Marks begins;
    for (; mark != marks_.end() && mark->track == first.track && mark->time == first.time; ++mark) {
      (mark->begins ? begins : ends).push_back(&*mark);
    }
    pairing.take(ends, begins);
    if (mark == marks_.end() || mark->track != first.track) pairing.abandon();
  }
  marks_ = {};
}

}  // namespace windtunnel
