#include "reports/compare/comparison_json.h"

#include "reports/render/json_parts.h"

namespace windtunnel {
namespace {

OrderedJson set_json(const ResultSet& set) {
  return {{"path", set.path},     {"format", set.format}, {"device", set.device},
          {"driver", set.driver}, {"cuda", set.cuda},     {"commit", set.commit},
          {"date", set.date},     {"regime", set.regime}};
}

OrderedJson row_json(const BenchmarkRow& row) {
  OrderedJson out = {{"benchmark", row.name},
                     {"base_s", number(row.base_s)},
                     {"new_s", number(row.new_s)},
                     {"ratio", number(row.time.ratio)},
                     {"low", number(row.time.low)},
                     {"high", number(row.time.high)},
                     {"p", number(row.p)},
                     {"verdict", outcome_name(row.outcome)},
                     {"reason", row.reason},
                     {"adjusted_p", number(row.adjusted_p)},
                     {"base_samples", row.base_samples},
                     {"new_samples", row.new_samples}};
  if (row.cycles) {
    out["cycles"] = {{"ratio", number(row.cycles->ratio)},
                     {"low", number(row.cycles->low)},
                     {"high", number(row.cycles->high)}};
  }
  if (row.confirming) out["confirming_ratio"] = number(*row.confirming);
  return out;
}

}  // namespace

std::string render_comparison_json(const ResultComparison& comparison, const BuildVersion& build) {
  std::vector<InputFile> inputs = {{comparison.base.path, comparison.base.hash},
                                   {comparison.now.path, comparison.now.hash}};
  if (comparison.confirming) {
    inputs.push_back({comparison.confirming->path, comparison.confirming->hash});
  }
  OrderedJson out = document_head("windtunnel/comparison", inputs, build);
  out["kind"] = "benchmarks";
  out["base"] = set_json(comparison.base);
  out["new"] = set_json(comparison.now);
  if (comparison.confirming) out["confirming"] = set_json(*comparison.confirming);
  out["rules"] = {{"minimum_effect", number(comparison.rules.minimum_effect)},
                  {"applied_minimum_effect", number(comparison.minimum_effect)},
                  {"interval_level", number(comparison.rules.level)},
                  {"false_discovery_rate", number(comparison.rules.false_discoveries)},
                  {"interval_widening", number(comparison.widening)}};
  out["notes"] = comparison.notes;
  out["counts"] = {{"regressed", count_of(comparison, Outcome::kRegressed)},
                   {"undecided", count_of(comparison, Outcome::kUndecided)},
                   {"improved", count_of(comparison, Outcome::kImproved)},
                   {"unchanged", count_of(comparison, Outcome::kUnchanged)}};
  out["rows"] = list(comparison.rows, row_json);
  return document_text(out);
}

}  // namespace windtunnel
