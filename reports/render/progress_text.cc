#include "reports/render/progress_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "reports/render/ink.h"

namespace windtunnel {
namespace {

constexpr int kBarWidth = 40;
constexpr const char* kClearLine = "\r\x1b[K";

std::string bar(int percent, bool colour) {
  const int length = percent * kBarWidth / 100;
  const Ink ink{colour};
  return "[" + ink.good(std::string(static_cast<std::size_t>(length), '#')) +
         ink.faint(std::string(static_cast<std::size_t>(kBarWidth - length), '.')) + "]";
}

}  // namespace

std::string ProgressText::rest_text(double share, Seconds elapsed) const {
  const double gained = share - first_share_;
  if (!style_.rest || gained <= 0 || share >= 1) return "";
  const double seconds = (elapsed - first_time_).value * (1 - share) / gained;
  if (seconds < 100) return fmt::format(", {:.0f} s left", seconds);
  if (seconds < 6000) return fmt::format(", {:.0f} min left", seconds / 60);
  return fmt::format(", {:.1f} h left", seconds / 3600);
}

std::string ProgressText::update(double share, Seconds elapsed) {
  if (first_share_ < 0) {
    first_share_ = share;
    first_time_ = elapsed;
  }
  if (!begun_ && (elapsed < style_.silence || elapsed < style_.least * share)) return "";
  begun_ = true;
  const int percent = static_cast<int>(std::clamp(share, 0.0, 1.0) * 100 + 1e-9);
  if (!style_.bar) {
    if (percent / 10 <= percent_ / 10) return "";
    percent_ = percent;
    return fmt::format("{}: {} %{}\n", label_, percent / 10 * 10, rest_text(share, elapsed));
  }
  if (drawn_ && percent <= percent_) return "";
  percent_ = std::max(percent_, percent);
  drawn_ = true;
  return fmt::format("{}{} {} {:>3} %{}", kClearLine, label_, bar(percent_, style_.colour),
                     percent_, rest_text(share, elapsed));
}

std::string ProgressText::finish() {
  if (!drawn_) return "";
  drawn_ = false;
  return kClearLine;
}

}  // namespace windtunnel
