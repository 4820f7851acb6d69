#include "reports/export/trace_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "simulator/base/error.h"
#include "simulator/base/quantity_text.h"

namespace windtunnel {
namespace {

constexpr const char* kListForms = "representative, all, or GPUs such as 0,8-15";
constexpr const char* kWindowForms =
    "two times with units, the later one last: \"1.5 s..1.6 s\", \"0 s..200 ms\"";

[[noreturn]] void reject(const char* option, const std::string& text, const std::string& accepted) {
  throw UsageError(fmt::format("{} {}: expected {}", option, text, accepted));
}

TraceFormat format_of(const std::string& output) {
  std::string_view name = output;
  const bool packed = name.ends_with(".gz");
  if (packed) name.remove_suffix(3);
  if (name.ends_with(".pftrace") || name.ends_with(".perfetto-trace")) {
    return TraceFormat::kPerfetto;
  }
  if (name.ends_with(".json")) return TraceFormat::kKineto;
  if (name.ends_with(".et") && !packed) return TraceFormat::kChakra;
  reject("-o", output,
         "a name that ends in .pftrace or .pftrace.gz (Perfetto), .json or .json.gz (Kineto), .et "
         "(Chakra)");
}

int gpu_number(std::string_view digits, const std::string& list) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 0) {
    reject("--ranks", list, kListForms);
  }
  return number;
}

std::vector<int> gpu_list(const std::string& list) {
  constexpr int kMost = 1 << 20;
  std::set<int> gpus;
  const std::string_view text = list;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    const std::string_view piece = text.substr(start, end - start);
    const std::size_t dash = piece.find('-');
    const int first = gpu_number(piece.substr(0, dash), list);
    const int last =
        dash == std::string_view::npos ? first : gpu_number(piece.substr(dash + 1), list);
    if (last < first || last - first > kMost) reject("--ranks", list, kListForms);
    for (int gpu = first; gpu <= last; ++gpu) gpus.insert(gpu);
    start = end + 1;
  }
  return {gpus.begin(), gpus.end()};
}

std::int64_t window_end(std::string_view text, const std::string& window) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  const auto time = parse_quantity<Seconds>(text);
  constexpr double kLongest = 9e6;  // of the simulator's clock, seconds
  if (!time || time->value < 0 || time->value > kLongest) reject("--window", window, kWindowForms);
  return std::llround(time->value * 1e12);
}

TraceWindow window_of(const std::string& window) {
  if (window.empty()) return {.from = 0, .to = std::numeric_limits<std::int64_t>::max()};
  const std::size_t dots = window.find("..");
  if (dots == std::string::npos) reject("--window", window, kWindowForms);
  const TraceWindow it{.from = window_end(std::string_view(window).substr(0, dots), window),
                       .to = window_end(std::string_view(window).substr(dots + 2), window)};
  if (it.to <= it.from) reject("--window", window, kWindowForms);
  return it;
}

}  // namespace

TraceRequest parse_trace_request(const std::string& output, const std::string& ranks,
                                 const std::string& level, const std::string& window) {
  TraceRequest request{.format = format_of(output),
                       .prefix = output,
                       .level = level == "slot"    ? TraceLevel::kSlot
                                : level == "phase" ? TraceLevel::kPhase
                                                   : TraceLevel::kKernel,
                       .window = window_of(window),
                       .full = false,
                       .all = ranks == "all",
                       .gpus = {}};
  if (request.format == TraceFormat::kChakra) {
    request.prefix.replace_extension();
    if (!ranks.empty() && !request.all) {
      reject("--ranks", ranks, "all: whoever runs a graph starts every rank");
    }
    if (!window.empty()) reject("--window", window, "none: a graph is run whole");
    if (level != "phase") reject("--level", level, "phase: a node is a phase or a transfer");
    request.full = request.all = true;
    return request;
  }
  if (!request.all && !ranks.empty() && ranks != "representative") request.gpus = gpu_list(ranks);
  request.full = request.all || !request.gpus.empty();
  return request;
}

void check_trace_ranks(const TraceRequest& request, int gpus) {
  if (request.gpus.empty() || request.gpus.back() < gpus) return;
  throw UsageError(fmt::format("--ranks: there is no GPU {}, the cluster has 0-{}",
                               request.gpus.back(), gpus - 1));
}

std::vector<TraceRank> trace_ranks(const TraceRequest& request, const TracedStep& traced) {
  const int members = traced.simulated.step.members;
  const int shared = gpus_per_data_rank(traced.scenario);
  std::vector<TraceRank> ranks;
  const auto add = [&](int gpu) {
    ranks.push_back({.gpu = gpu, .rank = gpu / shared, .pipeline = gpu / shared / members});
  };
  if (!request.full) {
    const int apart = gpu_count(traced.scenario.cluster) / traced.simulated.step.pipeline_ranks;
    for (int pipeline = 0; pipeline < traced.simulated.step.pipeline_ranks; ++pipeline) {
      ranks.push_back({.gpu = pipeline * apart, .rank = pipeline * members, .pipeline = pipeline});
    }
  } else if (request.gpus.empty()) {
    for (int gpu = 0; gpu < gpu_count(traced.scenario.cluster); ++gpu) add(gpu);
  } else {
    for (const int gpu : request.gpus) add(gpu);
  }
  return ranks;
}

}  // namespace windtunnel
