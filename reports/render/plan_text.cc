#include "reports/render/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/render/format.h"
#include "reports/render/ink.h"

namespace windtunnel {
namespace {

/// "184,320".
std::string grouped(std::int64_t count) {
  const std::string digits = fmt::format("{}", count);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string list_head(const PlanReport& report) {
  std::string out = "   ";
  for (const PlanQuantity& quantity : report.quantities) {
    out += fmt::format(" {:>12}", plan_heading(quantity));
  }
  return out +
         fmt::format("  {} (80 %)\n",
                     plan_heading(report.quantities[static_cast<std::size_t>(report.objective)]));
}

std::string interval_text(const PlanReport& report, const PlanRow& row) {
  const auto place = static_cast<std::size_t>(report.objective);
  const PlanQuantity& quantity = report.quantities[place];
  const Interval& it = row.takes[place];
  if (it.low == it.high) return "exact";
  return fmt::format("{} to {}", plan_figure(quantity, it.low), plan_figure(quantity, it.high));
}

std::string line(const PlanReport& report, const PlanRow& row, std::size_t number,
                 const std::string& choices) {
  std::string out = fmt::format("{:>3}", number);
  for (std::size_t i = 0; i < kObjectives; ++i) {
    out += fmt::format(" {:>12}", plan_figure(report.quantities[i], row.takes[i].value));
  }
  return out + fmt::format("  {}{}\n      {}\n", interval_text(report, row),
                           row.tied ? ", ties with 1" : "", choices);
}

std::string rejected_text(const PlanReport& report, const Ink& ink) {
  std::string out;
  for (const RejectedClass& one : report.rejected) {
    out += fmt::format("  {:>11}  {}\n", grouped(one.count), one.reason);
    if (!one.example.empty() && one.example != one.reason) {
      out += ink.faint(fmt::format("               such as: {}", one.example)) + "\n";
    }
  }
  out += fmt::format("  {:>11}  ruled out by a lower bound: another plan is better\n",
                     grouped(report.bounded));
  return out + fmt::format("  {:>11}  simulated\n", grouped(report.evaluated));
}

std::string mark_text(const PlanReport& report, const MarkedPlan& mark) {
  std::string out = fmt::format("\n{} ({})\n   ", mark.name, mark.path);
  for (std::size_t i = 0; i < kObjectives; ++i) {
    out += fmt::format(" {:>12}", plan_figure(report.quantities[i], mark.takes[i].value));
  }
  out += "\n";
  if (!mark.over.empty()) out += fmt::format("  It exceeds the limit of {}.\n", mark.over);
  if (!mark.elsewhere.empty()) {
    out += fmt::format("  It runs on another cluster, {}, and has no place among these plans.\n",
                       mark.elsewhere);
  }
  if (report.front.empty() && mark.over.empty()) out += "  It keeps to the limits.\n";
  if (report.front.empty() || !mark.elsewhere.empty()) return out;
  if (mark.better == 0) {
    return out + (mark.over.empty() ? "  It is on the front: no" : "  No") +
           " plan found is as good in everything and better in something.\n";
  }
  out += fmt::format("  {} of the front {} as good in everything and better in something.\n",
                     mark.better, mark.better == 1 ? "is" : "are");
  if (!mark.nearest) return out;
  const PlanRow& row = report.front[static_cast<std::size_t>(*mark.nearest)];
  std::string changes;
  for (std::size_t i = 0; i + 1 < kObjectives; ++i) {
    changes += fmt::format("{}{} {}", i == 0 ? "" : ", ", plan_heading(report.quantities[i]),
                           format_change(row.takes[i].value / mark.takes[i].value - 1));
  }
  const auto place = static_cast<std::size_t>(report.objective);
  const bool apart = row.takes[place].high < mark.takes[place].low;
  return out + fmt::format("  Plan {} of the front has no more memory: {}; intervals of {} {}.\n",
                           *mark.nearest + 1, changes, plan_heading(report.quantities[place]),
                           apart ? "lie apart" : "overlap, a tie");
}

std::string limits_text(const PlanReport& report) {
  std::string out;
  for (const PlanQuantity& quantity : report.quantities) {
    if (!std::isfinite(quantity.limit)) continue;
    out += fmt::format("{}{} up to {}", out.empty() ? "" : ", ", plan_heading(quantity),
                       plan_figure(quantity, quantity.limit));
  }
  return out;
}

std::string excess_text(const PlanReport& report, const NearestRow& near) {
  std::string out;
  for (std::size_t i = 0; i < kObjectives; ++i) {
    const PlanQuantity& quantity = report.quantities[i];
    const double value = near.plan.takes[i].value;
    if (value <= quantity.limit) continue;
    out +=
        fmt::format("{}{} of at least {} ({:.3g} times the limit)", out.empty() ? "" : " and ",
                    plan_heading(quantity), plan_figure(quantity, value), value / quantity.limit);
  }
  return out;
}

std::string nearest_text(const PlanReport& report, const Ink& ink) {
  std::string out = ink.bad("No plan keeps to the limits.") + "\n";
  for (const NearestRow& near : report.nearest) {
    out += near.limit < 0
               ? fmt::format("\n{} plans exceed several limits. The nearest works with {}:\n",
                             grouped(near.plans), excess_text(report, near))
               : fmt::format("\n{} plans exceed only the limit of {}. The nearest works with {}:\n",
                             grouped(near.plans),
                             plan_heading(report.quantities[static_cast<std::size_t>(near.limit)]),
                             excess_text(report, near));
    out += list_head(report) + line(report, near.plan, 1, all_choices(near.plan));
    if (!near.settled) out += "One of those that were not tried may be nearer.\n";
  }
  if (report.nearest.empty()) {
    out += "Every one was rejected for what it is; the limits were not even asked.\n";
  }
  return out;
}

std::string common_text(const SplitChoices& choices) {
  std::string out;
  for (const auto& [key, value] : choices.common) out += fmt::format(" {} {},", key, value);
  if (!out.empty()) out.back() = '.';
  return out.empty() ? out : "All of them:" + out + "\n";
}

}  // namespace

std::string plan_heading(const PlanQuantity& quantity) {
  if (quantity.name == "gpu_hours") return "GPU hours";
  if (quantity.name == "usd_per_million_output_tokens_with_prompts") return "USD/M tokens";
  return quantity.name;
}

std::string plan_figure(const PlanQuantity& quantity, double value) {
  if (!std::isfinite(value)) return "-";
  if (quantity.unit == "hours") return format_gpu_hours(value);
  if (quantity.unit == "days") return fmt::format("{:.{}f}", value, value < 10 ? 3 : 1);
  if (quantity.unit == "USD") {
    return value < 1000 ? fmt::format("${:.3f}", value) : format_dollars({value});
  }
  if (quantity.unit == "bytes") return format_bytes({value});
  return format_seconds({value});
}

SplitChoices split_choices(const std::vector<PlanRow>& rows) {
  SplitChoices split{.common = {}, .rest = std::vector<std::string>(rows.size())};
  if (rows.empty()) return split;
  const auto value_of = [](const PlanRow& row, const std::string& key) -> std::string {
    for (const auto& [own, value] : row.choices) {
      if (own == key) return value;
    }
    return "-";
  };
  std::vector<std::string> keys;
  for (const PlanRow& row : rows) {
    for (const auto& [key, value] : row.choices) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  for (const std::string& key : keys) {
    const std::string first = value_of(rows.front(), key);
    const bool same = std::all_of(rows.begin(), rows.end(),
                                  [&](const PlanRow& row) { return value_of(row, key) == first; });
    const std::string shown =
        key.substr(key.rfind('.') == std::string::npos ? 0 : key.rfind('.') + 1);
    const std::string name = key == "schedule.name" ? "schedule" : shown;
    if (same) {
      if (first != "[]") split.common.emplace_back(name, first);  // nothing was chosen
      continue;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::string& rest = split.rest[i];
      const std::string value = value_of(rows[i], key);
      if (value != "-") rest += fmt::format("{}{} {}", rest.empty() ? "" : ", ", name, value);
    }
  }
  return split;
}

std::string all_choices(const PlanRow& row) {
  std::string out;
  for (const auto& [key, value] : split_choices({row}).common) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key, value);
  }
  return out;
}

std::string render_plan_text(const PlanReport& report, bool colour) {
  const Ink ink = {colour};
  std::string out = fmt::format("{}\n{} plans from {}\n", ink.bold(report.name),
                                grouped(report.plans), report.scenario);
  out += rejected_text(report, ink);
  const std::string limits = limits_text(report);
  if (!limits.empty()) out += fmt::format("Limits: {}.\n", limits);
  for (const std::string& key : report.left_out) {
    out += fmt::format("The scenario's {} are left out: plans have their own or none.\n", key);
  }
  out += "\n";
  if (report.front.empty()) {
    out += nearest_text(report, ink);
    for (const MarkedPlan& mark : report.marks) out += mark_text(report, mark);
    return out;
  }
  std::vector<PlanRow> all = report.front;
  all.insert(all.end(), report.best.begin(), report.best.end());
  const SplitChoices choices = split_choices(all);
  const auto ties = std::count_if(report.front.begin(), report.front.end(),
                                  [](const PlanRow& row) { return row.tied; });
  out += fmt::format("The front: {} plans, of which {} cannot be told apart from the first by {}\n",
                     report.front.size(), ties - 1,
                     plan_heading(report.quantities[static_cast<std::size_t>(report.objective)]));
  out += common_text(choices) + list_head(report);
  for (std::size_t i = 0; i < report.front.size(); ++i) {
    out += line(report, report.front[i], i + 1, choices.rest[i]);
  }
  out += fmt::format("\nThe best by {}\n{}",
                     plan_heading(report.quantities[static_cast<std::size_t>(report.objective)]),
                     list_head(report));
  for (std::size_t i = 0; i < report.best.size(); ++i) {
    PlanRow row = report.best[i];
    row.tied = false;
    out += line(report, row, i + 1, choices.rest[report.front.size() + i]);
  }
  for (const MarkedPlan& mark : report.marks) out += mark_text(report, mark);
  return out;
}

}  // namespace windtunnel
