#include "reports/render/profile_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/render/format.h"
#include "reports/render/ink.h"
#include "simulator/base/shown_text.h"

namespace windtunnel {
namespace {

constexpr std::size_t kMostKernels = 20;
constexpr std::size_t kMostPhases = 16;
constexpr std::size_t kMostStreams = 16;
constexpr int kNameWidth = 56;

std::string name_of(const std::string& text) {
  return shorten(shown_text(text, 4 * kNameWidth), kNameWidth);
}

std::string others(std::size_t all, std::size_t shown, const char* noun) {
  return all <= shown ? "" : fmt::format("  {} more {}, all in --json\n", all - shown, noun);
}

std::string head(const ProfileSummary& it, const std::string& file, const Ink& ink) {
  std::string text = ink.bold(shown_text(file)) + "\n";
  text += it.gpu.empty() ? "the GPU is not named" : shown_text(it.gpu, 80);
  if (it.rank) text += fmt::format(", rank {}", *it.rank);
  if (it.world_size) text += fmt::format(" of {}", *it.world_size);
  text += fmt::format("; {} kernels in {} events\n\n",
                      format_count(static_cast<double>(it.kernel_events)),
                      format_count(static_cast<double>(it.events)));
  const auto row = [&](const char* name, Seconds time, const std::string& note) {
    text += fmt::format("{:<16} {:>10}  {}\n", name, format_seconds(time), note);
  };
  const auto part = [&](Seconds time) {
    return format_percent(share(time.value, it.whole.span.value)) + " of the span";
  };
  const std::size_t gpus = it.devices.size();
  row("Span", it.whole.span,
      gpus > 1 ? fmt::format("first to last kernel, mean of {} GPUs", gpus)
               : "first to last kernel");
  row("Computation", it.whole.compute, part(it.whole.compute));
  row("Communication", it.whole.communication,
      it.hidden_fraction ? format_percent(*it.hidden_fraction) + " of it beside computation"
                         : "none");
  row("Copies", it.whole.memory, part(it.whole.memory));
  row("Idle", it.whole.idle, part(it.whole.idle));
  return text;
}

std::string streams(const ProfileSummary& it) {
  if (it.streams.empty()) return "";
  std::string text = fmt::format("\n{:<24} {:>10} {:>11} {:>11} {:>14}\n", "Streams", "kernels",
                                 "busy", "compute", "communication");
  for (std::size_t i = 0; i < std::min(it.streams.size(), kMostStreams); ++i) {
    const StreamSummary& one = it.streams[i];
    text += fmt::format("{:<24} {:>10} {:>11} {:>11} {:>14}\n",
                        shorten(shown_text(one.device + ", " + one.stream, 80), 24), one.kernels,
                        format_seconds(one.busy), format_seconds(one.compute),
                        format_seconds(one.communication));
  }
  return text + others(it.streams.size(), kMostStreams, "streams");
}

std::string phases(const ProfileSummary& it) {
  if (it.phases.empty()) return "";
  std::string text = fmt::format("\n{:<{}} {:>6} {:>8} {:>11} {:>9} {:>11}\n", "Phases", kNameWidth,
                                 "on", "count", "total", "kernels", "their time");
  for (std::size_t i = 0; i < std::min(it.phases.size(), kMostPhases); ++i) {
    const PhaseSummary& one = it.phases[i];
    text += fmt::format("{:<{}} {:>6} {:>8} {:>11} {:>9} {:>11}\n", name_of(one.name), kNameWidth,
                        one.on_gpu ? "GPU" : "host", one.count, format_seconds(one.total),
                        one.kernels, format_seconds(one.kernel_time));
  }
  return text + others(it.phases.size(), kMostPhases, "phases");
}

std::string kernels(const ProfileSummary& it, const Ink& ink) {
  if (it.kernels.empty()) return "";
  std::string text = fmt::format("\n{:<{}} {:>8} {:>11} {:>10} {:>10} {:>10}  {}\n", "Kernels",
                                 kNameWidth, "count", "total", "median", "min", "max", "grid");
  for (std::size_t i = 0; i < std::min(it.kernels.size(), kMostKernels); ++i) {
    const KernelSummary& one = it.kernels[i];
    text += fmt::format("{:<{}} {:>8} {:>11} {:>10} {:>10} {:>10}  {}\n", name_of(one.name),
                        kNameWidth, one.count, format_seconds(one.total),
                        format_seconds(one.median), format_seconds(one.least),
                        format_seconds(one.most), ink.faint(shown_text(one.grid, 24)));
  }
  return text + others(it.kernels.size(), kMostKernels, "kernels");
}

std::string left_out(const ProfileSummary& it) {
  std::string text;
  const auto add = [&](const UntimedKernels& left, const char* what) {
    if (left.count == 0) return;
    text +=
        fmt::format("\nLeft out: {} {}, the first at byte {}\n", left.count, what, left.first_byte);
  };
  add(it.timeless, "kernels whose start or length is no time");
  add(it.open_ended, "begins of kernels without an end, or ends without a begin");
  return text;
}

}  // namespace

std::string render_profile_text(const ProfileSummary& summary, const std::string& file,
                                bool colour) {
  const Ink ink = {colour};
  return head(summary, file, ink) + streams(summary) + phases(summary) + kernels(summary, ink) +
         left_out(summary);
}

std::string render_folder_text(const ShapedLaunches& shaped, const std::string& folder,
                               int compute_sms, int sms) {
  const double all = static_cast<double>(shaped.nanoseconds + shaped.unshaped_nanoseconds);
  const auto part = [&](std::int64_t nanoseconds) {
    return format_percent(share(static_cast<double>(nanoseconds), all));
  };
  std::string text = fmt::format("\nMeasurements in {}: kernels.csv has every kernel.\n", folder);
  if (shaped.launches.empty()) {
    text += "No kernel says its shape, so none prices a simulation.\n";
  } else {
    text += fmt::format(
        "train_kernels.csv has {} launches with a shape, {} of the kernel time; "
        "simulate --measurements {} prices by them.\n",
        shaped.launches.size(), part(shaped.nanoseconds), folder);
    if (shaped.recognised > 0) {
      text +=
          fmt::format("{} of the kernels are recognised as those of DeepSeek's published step.\n",
                      shaped.recognised);
    }
    text += fmt::format("Compute kernels are taken to have run on {} of {} SMs (--compute-sms).\n",
                        compute_sms, sms);
  }
  if (shaped.unshaped_kernels == 0) return text;
  return text + fmt::format(
                    "{} kernels, {} of the time, have no shape: put an annotation such as "
                    "\"gemm bf16 m=4096 n=7168 k=2048\" around what launches them "
                    "(operations: kernels/shapes/ops.h; docs/timelines.md).\n",
                    shaped.unshaped_kernels, part(shaped.unshaped_nanoseconds));
}

}  // namespace windtunnel
