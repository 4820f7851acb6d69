#include "simulator/profile/profile_phases.h"

#include <algorithm>
#include <map>
#include <utility>

namespace windtunnel {
namespace {

Seconds seconds(std::int64_t nanoseconds) { return {static_cast<double>(nanoseconds) * 1e-9}; }

}  // namespace

void visit_kernels(const Profile& profile, const std::function<void(const PlacedSpan&)>& visit) {
  for (const Track& track : profile.tracks) {
    PlacedSpan placed{.track = &track, .kernel = nullptr, .around = {}};
    auto next = track.annotations.begin();
    for (const Span& kernel : track.kernels) {
      for (; next != track.annotations.end() && next->start <= kernel.start; ++next) {
        std::erase_if(placed.around,
                      [&](const Span* open) { return profile.end(*open) <= next->start; });
        placed.around.push_back(&*next);
      }
      std::erase_if(placed.around,
                    [&](const Span* open) { return profile.end(*open) <= kernel.start; });
      placed.kernel = &kernel;
      visit(placed);
    }
  }
}

std::vector<PhaseSummary> phases_of(const Profile& profile) {
  std::map<std::pair<std::uint32_t, bool>, PhaseSummary> found;
  const auto phase_of = [&](const Track& track, std::uint32_t name) -> PhaseSummary& {
    const bool on_gpu = !track.kernels.empty();
    return found
        .try_emplace({name, on_gpu}, PhaseSummary{.name = profile.texts[name],
                                                  .on_gpu = on_gpu,
                                                  .count = 0,
                                                  .total = {0},
                                                  .kernels = 0,
                                                  .kernel_time = {0}})
        .first->second;
  };
  for (const Track& track : profile.tracks) {
    for (const Span& span : track.annotations) {
      PhaseSummary& phase = phase_of(track, span.what);
      ++phase.count;
      phase.total += seconds(profile.length(span));
    }
  }
  visit_kernels(profile, [&](const PlacedSpan& placed) {
    if (placed.around.empty()) return;
    PhaseSummary& phase = phase_of(*placed.track, placed.around.back()->what);
    ++phase.kernels;
    phase.kernel_time += seconds(profile.length(*placed.kernel));
  });
  std::vector<PhaseSummary> phases;
  for (auto& [key, phase] : found) phases.push_back(std::move(phase));
  std::stable_sort(phases.begin(), phases.end(), [](const PhaseSummary& a, const PhaseSummary& b) {
    if (a.on_gpu != b.on_gpu) return a.on_gpu;
    return a.total != b.total ? a.total > b.total : a.name < b.name;
  });
  return phases;
}

}  // namespace windtunnel
