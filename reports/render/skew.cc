#include "reports/render/skew.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

std::string line(const std::string& name, const std::string& figure, const std::string& what) {
  return fmt::format("  {:<32}{:>9}  {}\n", name, figure, what);
}

std::string times(double factor) { return format_fixed(factor, 3) + " x"; }

/// Of the worst layer with experts.
std::string worst(const SkewProjection& skew, double RankBalance::*member) {
  double most = 0;
  for (const RankBalance& layer : skew.layers) most = std::max(most, layer.*member);
  return fmt::format("of {} layers {} in the worst", skew.layers.size(), times(most));
}

std::string month_row(const std::string& name, Seconds interval, const FailureMonth& month) {
  const auto hours = [](Seconds time) { return format_fixed(time.value / 3600, 1); };
  return fmt::format("  {:<12}{:>10}{:>10}{:>10}{:>13}{:>10}{:>11}\n", name,
                     format_fixed(interval.value / 3600, 2), format_fixed(month.failures, 1),
                     hours(month.training), hours(month.checkpoints), hours(month.restarts),
                     hours(month.repeated));
}

OrderedJson month_json(const FailureMonth& month) {
  return {{"time_s", number(month.time.value)},
          {"failures", number(month.failures)},
          {"training_s", number(month.training.value)},
          {"checkpoints_s", number(month.checkpoints.value)},
          {"restarts_s", number(month.restarts.value)},
          {"repeated_s", number(month.repeated.value)}};
}

}  // namespace

std::string render_skew(const Projection& projection) {
  if (!projection.skew) return "";
  const SkewProjection& skew = *projection.skew;
  std::string out = "Skew\n";
  if (!skew.layers.empty()) {
    out +=
        line("fullest expert rank over mean", times(skew.plain), worst(skew, &RankBalance::plain));
  }
  if (!skew.policy.empty()) {
    out += line(fmt::format("balanced, {} copies a layer", skew.redundant), times(skew.placed),
                worst(skew, &RankBalance::placed));
  }
  if (skew.folded_step && skew.folded_without_balancer) {
    out += line("folded step without balancer", format_seconds(*skew.folded_without_balancer),
                fmt::format("{} with it ({})", format_seconds(*skew.folded_step), skew.policy));
  }
  if (skew.slowest != 1) {
    out += line("kernels on the slowest GPU", times(skew.slowest), "their usual time");
  }
  if (skew.jitter > 0) {
    out += line("jitter of every op", format_percent(skew.jitter), "of its time");
  }
  return out + "\n";
}

OrderedJson skew_json(const SkewProjection& skew) {
  OrderedJson out = {{"slowest_factor", number(skew.slowest)}, {"jitter", number(skew.jitter)}};
  if (skew.layers.empty()) return out;
  OrderedJson routing = {
      {"max_over_mean", number(skew.plain)},
      {"layers", list(skew.layers, [&](const RankBalance& layer) {
         OrderedJson row = {{"layer", layer.layer}, {"max_over_mean", number(layer.plain)}};
         if (!skew.policy.empty()) {
           row["balanced_max_over_mean"] = number(layer.placed);
         }
         return row;
       })}};
  if (!skew.policy.empty()) {
    routing["eplb"] = {{"policy", skew.policy},
                       {"redundant", skew.redundant},
                       {"max_over_mean", number(skew.placed)}};
    if (skew.folded_step) routing["eplb"]["folded_step_s"] = number(skew.folded_step->value);
    if (skew.folded_without_balancer) {
      routing["eplb"]["folded_step_without_s"] = number(skew.folded_without_balancer->value);
    }
  }
  out["routing"] = routing;
  return out;
}

std::string render_month(const GoodputProjection& goodput) {
  std::string out =
      fmt::format("{:<14}{:>10}{:>10}{:>10}{:>13}{:>10}{:>11}\n", "A month, hours", "interval",
                  "failures", "training", "checkpoints", "restarts", "repeated");
  out += month_row("as it is", goodput.interval, goodput.month);
  return out + month_row("at best", goodput.best_interval, goodput.best_month) + "\n";
}

OrderedJson goodput_json(const GoodputProjection& goodput) {
  return {{"share", number(goodput.share)},
          {"checkpoint_interval_s", number(goodput.interval.value)},
          {"best_interval_s", number(goodput.best_interval.value)},
          {"between_failures_s", number(goodput.between_failures.value)},
          {"month", month_json(goodput.month)},
          {"month_at_best", month_json(goodput.best_month)}};
}

}  // namespace windtunnel
