#include "simulator/cli/progress.h"

#include <fmt/core.h>

#include <cstdio>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

// A folded run on a busy machine stays silent, a full one speaks before long.
constexpr Seconds kSilence{1};
constexpr Seconds kLeast{2.5};

void write(const std::string& text) {
  if (text.empty()) return;
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

ProgressLine::ProgressLine(const std::string& label, const Environment& environment, bool rest)
    : text_("windtunnel " + label,
            {.bar = environment.bar,
             .colour = environment.error_colour,
             .silence = environment.progress == "always" ? Seconds{0} : kSilence,
             .least = environment.progress == "always" ? Seconds{0} : kLeast,
             .rest = rest}),
      shown_(environment.progress != "never" && !environment.quiet),
      start_(std::chrono::steady_clock::now()) {}

ProgressLine::~ProgressLine() { finish(); }

void ProgressLine::finish() { write(text_.finish()); }

Progress ProgressLine::progress() {
  if (!shown_) return {};
  return [this](double share) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    write(text_.update(share, {elapsed.count()}));
  };
}

void warn(const Environment& environment, const std::string& message) {
  if (!environment.quiet) fmt::print(stderr, "windtunnel: warning: {}\n", message);
}

void warn_of(const Environment& environment, const Projection& projection) {
  const MemoryProjection& memory = projection.memory;
  if (memory.fits) return;
  warn(environment,
       fmt::format("{}: rank {} needs {} of {}, this does not fit", projection.scenario.path,
                   memory.peak_rank, format_bytes(memory.peak), format_bytes(memory.capacity)));
}

void warn_of(const Environment& environment, const ServingProjection& projection) {
  for (const UnitMemory& unit : projection.memory) {
    if (unit.fits) continue;
    warn(environment,
         fmt::format("{}: a GPU of {} needs {} of {}, this does not fit", projection.scenario.path,
                     unit.unit, format_bytes(unit.total), format_bytes(unit.capacity)));
  }
}

}  // namespace windtunnel
