#include "simulator/profile/open_events.h"

#include <algorithm>
#include <vector>

namespace windtunnel {

void OpenEvents::close(Profile& profile, std::int64_t longest) {
  // Marks of one time stay in the order of the file: a begin and an end at once are a length of 0.
  std::sort(marks_.begin(), marks_.end(), [](const Mark& a, const Mark& b) {
    if (a.track != b.track) return a.track < b.track;
    return a.time != b.time ? a.time < b.time : a.byte < b.byte;
  });
  const auto leave_out = [&](const Mark& mark) {
    UntimedKernels& left = profile.open_ended;
    if (left.count++ == 0 || mark.byte < left.first_byte) left.first_byte = mark.byte;
  };
  std::vector<const Mark*> open;
  const auto abandon = [&] {
    for (const Mark* mark : open) {
      if (mark->opened == Opened::kKernel) leave_out(*mark);
    }
    open.clear();
  };
  for (const Mark& mark : marks_) {
    if (!open.empty() && open.back()->track != mark.track) abandon();
    if (mark.begins) {
      open.push_back(&mark);
      continue;
    }
    if (open.empty()) {
      leave_out(mark);
      continue;
    }
    const Mark& opening = *open.back();
    open.pop_back();
    const std::int64_t length = mark.time - opening.time;
    if (length > longest) {
      leave_out(opening);
    } else if (opening.opened != Opened::kOther) {
      Track& track = profile.tracks[mark.track];
      (opening.opened == Opened::kKernel ? track.kernels : track.annotations)
          .push_back(profile.make_span(opening.time, length, opening.what));
    }
  }
  abandon();
  marks_ = {};
}

}  // namespace windtunnel
