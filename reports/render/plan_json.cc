#include "reports/render/plan_json.h"

#include "reports/render/json_parts.h"

namespace windtunnel {
namespace {

using Json = OrderedJson;

/// "gpu_hours", "days", "usd", "memory_bytes", "tpot_s": names end in their unit.
std::string key_of(const PlanQuantity& quantity) {
  const bool said = quantity.unit == "hours" || quantity.unit == "days" || quantity.unit == "USD";
  return said ? quantity.name : quantity.name + "_" + quantity.unit;
}

Json takes_json(const PlanReport& report, const std::array<Interval, kObjectives>& takes) {
  Json out = Json::object();
  for (std::size_t i = 0; i < kObjectives; ++i) {
    const std::string key = key_of(report.quantities[i]);
    out[key] = number(takes[i].value);
    if (takes[i].low == takes[i].high) continue;
    out[key + "_low"] = number(takes[i].low);
    out[key + "_high"] = number(takes[i].high);
  }
  return out;
}

Json row_json(const PlanReport& report, const PlanRow& row) {
  Json choices = Json::object();
  for (const auto& [key, value] : row.choices) choices[key] = value;
  return {{"index", row.index},
          {"takes", takes_json(report, row.takes)},
          {"front", row.front},
          {"ties_with_first", row.tied},
          {"choices", choices}};
}

Json mark_json(const PlanReport& report, const MarkedPlan& mark) {
  return {{"name", mark.name},
          {"path", mark.path},
          {"takes", takes_json(report, mark.takes)},
          {"over_limit", mark.over.empty() ? Json(nullptr) : Json(mark.over)},
          {"other_cluster", mark.elsewhere.empty() ? Json(nullptr) : Json(mark.elsewhere)},
          {"on_front", mark.better == 0 && mark.over.empty() && mark.elsewhere.empty()},
          {"better_plans", mark.better},
          {"best_with_no_more_memory", mark.nearest ? Json(*mark.nearest) : Json(nullptr)}};
}

Json near_json(const PlanReport& report, const NearestRow& near) {
  return {{"limit", near.limit < 0
                        ? Json("several")
                        : Json(report.quantities[static_cast<std::size_t>(near.limit)].name)},
          {"plans", near.plans},
          {"plan", row_json(report, near.plan)},
          {"settled", near.settled}};
}

}  // namespace

std::string render_plan_json(const PlanReport& report, const BuildVersion& build) {
  Json document = document_head("windtunnel/plan", report.inputs, build);
  const auto row = [&](const PlanRow& one) { return row_json(report, one); };
  document["spec"] = {
      {"path", report.path},
      {"name", report.name},
      {"scenario", report.scenario},
      {"kind", report.serving ? "serving" : "training"},
      {"objective", report.quantities[static_cast<std::size_t>(report.objective)].name}};
  document["limits"] = Json::object();
  for (const PlanQuantity& quantity : report.quantities) {
    document["limits"][key_of(quantity)] = number(quantity.limit);
  }
  document["plans"] = {{"all", report.plans},
                       {"ruled_out_by_bound", report.bounded},
                       {"simulated", report.evaluated}};
  document["rejected"] = list(report.rejected, [](const RejectedClass& one) {
    return Json{{"reason", one.reason}, {"plans", one.count}, {"example", one.example}};
  });
  document["left_out"] = report.left_out;
  document["front"] = list(report.front, row);
  document["best"] = list(report.best, row);
  document["marks"] =
      list(report.marks, [&](const MarkedPlan& mark) { return mark_json(report, mark); });
  document["satisfiable"] = !report.best.empty();
  document["nearest"] =
      list(report.nearest, [&](const NearestRow& near) { return near_json(report, near); });
  return document_text(document);
}

}  // namespace windtunnel
