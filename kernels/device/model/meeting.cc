#include "kernels/device/model/meeting.h"

#include <algorithm>
#include <string_view>

#include "kernels/device/model/text.h"

namespace windtunnel::device::model {

namespace {

std::string line_text(Where where) { return text(where.file, ":", where.line); }

bool same_file(Where a, Where b) { return a.file == b.file || std::string_view(a.file) == b.file; }

}  // namespace

bool meet(Wait kind, u32 mask, void* argument, Where where) {
  Thread& thread = self();
  Warp& warp = *thread.warp;
  thread.where = where;
  ++grid().counters.meetings;
  mask &= warp.full;
  const u32 own = 1U << thread.lane;
  if ((mask & own) == 0) fail(text(name_of(kind), ": the mask leaves out the lane that calls"));
  auto it = std::find_if(warp.meetings.begin(), warp.meetings.end(),
                         [&](const Meeting& other) { return (other.mask & mask) != 0; });
  if (it == warp.meetings.end()) {
    warp.meetings.push_back({kind, mask, 0, where});
    it = warp.meetings.end() - 1;
  }
  const bool same_place =
      kind == Wait::kSyncwarp || (it->where.line == where.line && same_file(it->where, where));
  if (it->kind != kind || it->mask != mask || !same_place) {
    fail(text("divergence: this lane is in ", name_of(kind), " with mask ", hex(mask),
              " while others wait in ", name_of(it->kind), " with mask ", hex(it->mask), " at ",
              line_text(it->where)));
  }
  warp.arguments[thread.lane] = argument;
  it->arrived |= own;
  if (it->arrived == mask) {
    warp.meetings.erase(it);
    return true;
  }
  block(kind);
  return false;
}

void end_meeting(u32 mask) {
  Thread& thread = self();
  Warp& warp = *thread.warp;
  for_lanes(mask & warp.full & ~(1U << thread.lane), [&](u32 lane) { wake(warp.threads[lane]); });
  maybe_yield();
}

}  // namespace windtunnel::device::model
