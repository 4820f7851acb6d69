#include "simulator/profile/profile_summary.h"

#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <utility>

#include "simulator/profile/interval_union.h"

namespace windtunnel {
namespace {

Seconds seconds(std::int64_t nanoseconds) { return {static_cast<double>(nanoseconds) * 1e-9}; }

std::vector<KernelClass> classes_of(const Profile& profile) {
  std::vector<KernelClass> classes;
  for (const KernelKind& kind : profile.kinds) {
    classes.push_back(kernel_class(profile.texts[kind.name]));
  }
  return classes;
}

/// The kernels of several streams in one order of `before`, without copying them.
template <typename Before>
class MergedKernels {
 public:
  MergedKernels(const std::vector<const Track*>& tracks, Before before)
      : tracks_(tracks), queue_([this, before](std::size_t a, std::size_t b) {
          const Span& left = tracks_[a]->kernels[next_[a]];
          const Span& right = tracks_[b]->kernels[next_[b]];
          if (before(right, left)) return true;
          return !before(left, right) && b < a;
        }) {
    next_.resize(tracks_.size());
    for (std::size_t track = 0; track < tracks_.size(); ++track) push(track);
  }

  /// Null at the end.
  const Span* next() {
    if (queue_.empty()) return nullptr;
    const std::size_t track = queue_.top();
    queue_.pop();
    const Span* span = &tracks_[track]->kernels[next_[track]++];
    push(track);
    return span;
  }

 private:
  void push(std::size_t track) {
    if (next_[track] < tracks_[track]->kernels.size()) queue_.push(track);
  }

  std::vector<const Track*> tracks_;
  std::vector<std::size_t> next_;
  std::priority_queue<std::size_t, std::vector<std::size_t>,
                      std::function<bool(std::size_t, std::size_t)>>
      queue_;
};

std::map<std::string, std::vector<const Track*>> tracks_by_device(const Profile& profile) {
  std::map<std::string, std::vector<const Track*>> devices;
  for (const Track& track : profile.tracks) {
    if (!track.kernels.empty()) devices[profile.texts[track.process]].push_back(&track);
  }
  return devices;
}

DeviceSummary device_summary(const Profile& profile, const std::vector<KernelClass>& classes,
                             const std::string& device, const std::vector<const Track*>& tracks) {
  MergedKernels merged(tracks, [](const Span& a, const Span& b) { return a.start < b.start; });
  IntervalUnion compute;
  IntervalUnion communication;
  IntervalUnion memory;
  IntervalUnion either;  // compute or communication
  IntervalUnion all;
  std::int64_t first = INT64_MAX;
  while (const Span* span = merged.next()) {
    const std::int64_t end = profile.end(*span);
    first = std::min(first, span->start);
    all.add(span->start, end);
    const KernelClass kind = classes[span->what];
    if (kind == KernelClass::kMemory) {
      memory.add(span->start, end);
      continue;
    }
    (kind == KernelClass::kCompute ? compute : communication).add(span->start, end);
    either.add(span->start, end);
  }
  return {.device = device,
          .span = seconds(all.end - first),
          .compute = seconds(compute.length),
          .communication = seconds(communication.length),
          .memory = seconds(memory.length),
          .overlapped = seconds(compute.length + communication.length - either.length),
          .idle = seconds(all.end - first - all.length)};
}

StreamSummary stream_summary(const Profile& profile, const std::vector<KernelClass>& classes,
                             const Track& track) {
  IntervalUnion busy;
  IntervalUnion compute;
  IntervalUnion communication;
  for (const Span& span : track.kernels) {
    const std::int64_t end = profile.end(span);
    busy.add(span.start, end);
    if (classes[span.what] == KernelClass::kCompute) compute.add(span.start, end);
    if (classes[span.what] == KernelClass::kCommunication) communication.add(span.start, end);
  }
  return {.device = profile.texts[track.process],
          .stream = profile.texts[track.thread],
          .kernels = static_cast<std::int64_t>(track.kernels.size()),
          .busy = seconds(busy.length),
          .compute = seconds(compute.length),
          .communication = seconds(communication.length)};
}

DeviceSummary mean_of(const std::vector<DeviceSummary>& devices) {
  DeviceSummary mean{.device = {},
                     .span = {0},
                     .compute = {0},
                     .communication = {0},
                     .memory = {0},
                     .overlapped = {0},
                     .idle = {0}};
  const double share = devices.empty() ? 0 : 1.0 / static_cast<double>(devices.size());
  for (const DeviceSummary& device : devices) {
    for (Seconds DeviceSummary::*part :
         {&DeviceSummary::span, &DeviceSummary::compute, &DeviceSummary::communication,
          &DeviceSummary::memory, &DeviceSummary::overlapped, &DeviceSummary::idle}) {
      mean.*part += device.*part * share;
    }
  }
  return mean;
}

/// How often each name occurs, and in which grid where that is always the same.
struct NameCount {
  std::int64_t count = 0;
  std::optional<std::uint32_t> grid;
  bool one_grid = true;
};

std::vector<NameCount> count_names(const Profile& profile) {
  std::vector<NameCount> counts(profile.texts.size());
  for (const Track& track : profile.tracks) {
    for (const Span& span : track.kernels) {
      const KernelKind& kind = profile.kinds[span.what];
      NameCount& it = counts[kind.name];
      ++it.count;
      it.one_grid = it.one_grid && it.grid.value_or(kind.grid) == kind.grid;
      it.grid = kind.grid;
    }
  }
  return counts;
}

/// Medians without a copy of the lengths: the streams, each sorted by name and length, are merged.
std::vector<KernelSummary> kernel_summaries(Profile& profile) {
  const std::vector<NameCount> counts = count_names(profile);
  const auto before = [&](const Span& a, const Span& b) {
    const std::uint32_t left = profile.kinds[a.what].name;
    const std::uint32_t right = profile.kinds[b.what].name;
    return left != right ? left < right : profile.length(a) < profile.length(b);
  };
  std::vector<const Track*> tracks;
  for (Track& track : profile.tracks) {
    std::sort(track.kernels.begin(), track.kernels.end(), before);
    tracks.push_back(&track);
  }
  MergedKernels merged(tracks, before);
  std::vector<KernelSummary> kernels;
  for (const Span* span = merged.next(); span != nullptr;) {
    const std::uint32_t name = profile.kinds[span->what].name;
    const NameCount& count = counts[name];
    std::int64_t total = 0;
    std::int64_t middle = 0;  // twice the median
    const std::int64_t least = profile.length(*span);
    std::int64_t most = 0;
    for (std::int64_t i = 0; i < count.count; ++i, span = merged.next()) {
      most = profile.length(*span);
      total += most;
      if (i == (count.count - 1) / 2) middle += most;
      if (i == count.count / 2) middle += most;
    }
    kernels.push_back({.name = profile.texts[name],
                       .grid = count.one_grid ? profile.texts[*count.grid] : "",
                       .kind = kernel_class(profile.texts[name]),
                       .count = count.count,
                       .total = seconds(total),
                       .median = seconds(middle) / 2,
                       .least = seconds(least),
                       .most = seconds(most)});
  }
  std::sort(kernels.begin(), kernels.end(), [](const KernelSummary& a, const KernelSummary& b) {
    return a.total != b.total ? a.total > b.total : a.name < b.name;
  });
  return kernels;
}

}  // namespace

ProfileSummary summarise(Profile profile) {
  const std::vector<KernelClass> classes = classes_of(profile);
  ProfileSummary summary{
      .whole = {},
      .hidden_fraction = {},
      .trace_span = seconds(profile.last < profile.first ? 0 : profile.last - profile.first),
      .devices = {},
      .streams = {},
      .phases = phases_of(profile),
      .kernels = {},
      .gpu = profile.gpu,
      .rank = profile.rank,
      .world_size = profile.world_size,
      .events = profile.events,
      .kernel_events = 0,
      .timeless = profile.timeless,
      .open_ended = profile.open_ended};
  for (const auto& [device, tracks] : tracks_by_device(profile)) {
    summary.devices.push_back(device_summary(profile, classes, device, tracks));
    for (const Track* track : tracks) {
      summary.streams.push_back(stream_summary(profile, classes, *track));
      summary.kernel_events += summary.streams.back().kernels;
    }
  }
  summary.whole = mean_of(summary.devices);
  if (summary.whole.communication.value > 0) {
    summary.hidden_fraction = summary.whole.overlapped / summary.whole.communication;
  }
  summary.kernels = kernel_summaries(profile);
  return summary;
}

}  // namespace windtunnel
