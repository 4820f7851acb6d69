#include "reports/export/trace_size.h"

#include <fmt/format.h>

#include "reports/export/kineto.h"
#include "reports/export/perfetto.h"

namespace windtunnel {
namespace {

constexpr double kLargestPerfetto = 512e6;
constexpr double kLargestKineto = 256e6;
constexpr std::size_t kMostKinetoRanks = 64;

}  // namespace

TraceSize trace_size(const TracedStep& traced, const std::vector<TraceRank>& ranks,
                     TraceLevel level, const TraceWindow& window, TraceFormat format) {
  TraceSize size{.slices = 0, .bytes = 0};
  for (const TraceRank& rank : ranks) {
    visit_slices(traced, rank, level, window, [&](const Slice&) { ++size.slices; });
  }
  size.bytes = static_cast<double>(size.slices) *
               (format == TraceFormat::kPerfetto ? kPerfettoSliceBytes : kKinetoSliceBytes);
  return size;
}

std::optional<std::string> too_large(const TraceSize& size, std::size_t ranks, TraceFormat format) {
  const bool kineto = format == TraceFormat::kKineto;
  const double most = kineto ? kLargestKineto : kLargestPerfetto;
  if (kineto && ranks > kMostKinetoRanks) {
    return fmt::format("{} ranks in one Kineto file, of which readers take up to {}", ranks,
                       kMostKinetoRanks);
  }
  if (size.bytes <= most) return std::nullopt;
  return fmt::format("about {:.1f} M slices in {:.0f} MB; no {} opens more than about {:.0f} MB",
                     static_cast<double>(size.slices) / 1e6, size.bytes / 1e6,
                     kineto ? "reader of Chrome traces" : "browser", most / 1e6);
}

}  // namespace windtunnel
