#include "reports/render/critical.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

std::string row(const std::string& name, Seconds time, Seconds all, const std::string& saved,
                const std::string& hours) {
  std::string line =
      fmt::format("  {:<34}{:>10}{:>9}{:>11}{:>13}", shorten(name, 33), format_fixed(time.value, 3),
                  format_percent(share(time.value, all.value)), saved, hours);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string table(const std::string& title, const std::vector<CriticalCause>& causes, Seconds all) {
  std::string out = fmt::format("{:<36}{:>10}{:>9}", title, "seconds", "share");
  const bool saves = std::any_of(causes.begin(), causes.end(), [](const CriticalCause& cause) {
    return cause.saved.has_value();
  });
  out += saves ? fmt::format("{:>11}{:>13}\n", "saves, s", "GPU hours") : "\n";
  for (const CriticalCause& cause : causes) {
    out += row(cause.name, cause.time, all, cause.saved ? format_fixed(cause.saved->value, 3) : "",
               cause.saved_gpu_hours ? format_gpu_hours(*cause.saved_gpu_hours) : "");
  }
  return out + row("adds up to", all, all, "", "") + "\n";
}

OrderedJson causes_json(const std::vector<CriticalCause>& causes) {
  return list(causes, [](const CriticalCause& cause) {
    OrderedJson out = {{"name", cause.name}, {"time_s", number(cause.time.value)}};
    if (cause.saved) out["saved_s"] = number(cause.saved->value);
    if (cause.saved_gpu_hours) out["saved_gpu_hours"] = number(*cause.saved_gpu_hours);
    return out;
  });
}

}  // namespace

std::string render_critical(const Projection& projection) {
  const CriticalProjection& critical = projection.critical.value();
  std::string out = fmt::format(
      "{}\n\nThe critical path of the step: {} ops, one after another, {}.\n"
      "\"saves\": the step, and the run, simulated again with a tenth less time for the row.\n\n",
      shorten(projection.scenario.name, 80), format_count(static_cast<double>(critical.ops)),
      format_seconds(critical.time));
  out += table("Class of kernels, or waste", critical.classes, critical.time);
  out += table("Phase", critical.phases, critical.time);
  out += table("Link in use", critical.links, critical.time);
  out += table("Started when it had waited for", critical.bindings, critical.time);
  out.pop_back();
  return out;
}

OrderedJson critical_json(const CriticalProjection& critical) {
  return {{"time_s", number(critical.time.value)},    {"ops", critical.ops},
          {"classes", causes_json(critical.classes)}, {"phases", causes_json(critical.phases)},
          {"links", causes_json(critical.links)},     {"bindings", causes_json(critical.bindings)}};
}

}  // namespace windtunnel
