#include "reports/compare/difference_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/render/format.h"
#include "reports/render/ink.h"
#include "reports/render/json_parts.h"
#include "simulator/base/shown_text.h"

namespace windtunnel {
namespace {

constexpr std::size_t kMostFields = 20;
constexpr std::size_t kMostTerms = 10;

/// What people ask for first; items of lists are details.
int rank_of(const FieldDifference* field) {
  const std::string& name = field->field;
  if (name.find('[') != std::string::npos) return 3;
  if (name.starts_with("run.") || name.starts_with("serving.")) return 0;
  return name.starts_with("throughput.") ? 1 : 2;
}

std::string change_of(const FieldDifference& field) {
  if (!field.base_number || !field.new_number || *field.base_number == 0) return "";
  return format_change(*field.new_number / *field.base_number - 1);
}

std::string value_text(const std::string& text) {
  return text.empty() ? "-" : shorten(shown_text(text), 24);
}

std::string line(const FieldDifference& field, const Ink& ink) {
  const std::string state =
      field.accepted ? ink.faint("accepted: " + shown_text(field.reason)) : ink.bad("not accepted");
  return fmt::format("{:<44} {:>24} {:>24} {:>9}  {}\n", shorten(shown_text(field.field), 44),
                     value_text(field.base), value_text(field.now), change_of(field), state);
}

std::string causes_text(const Attribution& attribution, const Ink& ink) {
  std::string out = "\n" + ink.bold("What moved it") + "\n";
  for (const std::string& input : attribution.inputs) {
    out += fmt::format("  input  {}\n", shown_text(input));
  }
  for (const std::string& setting : attribution.settings) {
    out += fmt::format("  set    {}\n", shown_text(setting));
  }
  if (!attribution.build.empty()) {
    out += fmt::format("  code   windtunnel {}\n", shown_text(attribution.build));
  }
  if (attribution.inputs.empty() && attribution.settings.empty() && attribution.build.empty()) {
    out += "  no input, setting or commit differs: the program was built from changed files\n";
  }
  std::size_t shown = 0;
  for (const MovedTerm& term : attribution.terms) {
    if (++shown > kMostTerms) break;
    out += fmt::format("  term   {:<60} {} s to {} s in the step\n         {}\n",
                       shorten(shown_text(term.name), 60), format_significant(term.base_s, 4),
                       format_significant(term.new_s, 4), shown_text(term.cause));
  }
  if (attribution.terms.size() > kMostTerms) {
    out += fmt::format("  {} more terms moved\n", attribution.terms.size() - kMostTerms);
  }
  return out;
}

OrderedJson field_json(const FieldDifference& field) {
  return {{"field", field.field},
          {"base", field.base_number ? number(field.base_number) : OrderedJson(field.base)},
          {"new", field.new_number ? number(field.new_number) : OrderedJson(field.now)},
          {"verdict", field.accepted ? "ACCEPTED" : "CHANGED"},
          {"reason", field.reason}};
}

}  // namespace

std::string render_difference_text(const ProjectionDifference& difference, bool all, bool colour) {
  const Ink ink{colour};
  if (difference.fields.empty()) return "the projections are the same\n";
  std::vector<const FieldDifference*> order;
  for (const FieldDifference& field : difference.fields) order.push_back(&field);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return rank_of(a) < rank_of(b); });
  std::string out =
      ink.bold(fmt::format("{:<44} {:>24} {:>24} {:>9}", "field", "BASE", "NEW", "change")) + "\n";
  std::size_t shown = 0;
  for (const FieldDifference* field : order) {
    if (!all && ++shown > kMostFields) break;
    out += line(*field, ink);
  }
  if (!all && order.size() > kMostFields) {
    out += ink.faint(fmt::format("{} more fields: --all shows them", order.size() - kMostFields)) +
           "\n";
  }
  out += causes_text(difference.attribution, ink);
  const std::size_t open = unaccepted(difference);
  out += fmt::format("\n{} differ, {} not accepted\n",
                     format_number_of(difference.fields.size(), "field"), open);
  if (open == 0) return out;
  return out + fmt::format(
                   "To accept them, put this into a file for --accept:\n\n[[accept]]\nfield = "
                   "\"*\"\nfigures = \"{}\"\nreason = \"why it is right\"\n",
                   difference.figures);
}

std::string render_difference_json(const ProjectionDifference& difference,
                                   const BuildVersion& build) {
  OrderedJson out =
      document_head("windtunnel/comparison", {difference.base, difference.now}, build);
  out["kind"] = "projections";
  out["scenario"] = {{"base", difference.base_name}, {"new", difference.new_name}};
  out["figures"] = difference.figures;
  out["counts"] = {{"changed", unaccepted(difference)},
                   {"accepted", difference.fields.size() - unaccepted(difference)}};
  out["attribution"] = {{"inputs", difference.attribution.inputs},
                        {"settings", difference.attribution.settings},
                        {"build", difference.attribution.build},
                        {"terms", list(difference.attribution.terms, [](const MovedTerm& term) {
                           return OrderedJson{{"term", term.name},
                                              {"base_s", number(term.base_s)},
                                              {"new_s", number(term.new_s)},
                                              {"cause", term.cause}};
                         })}};
  out["rows"] = list(difference.fields, field_json);
  return document_text(out);
}

std::string render_difference_summary(const ProjectionDifference& difference) {
  return fmt::format("### Projection: {} differ, {} not accepted\n\n```\n{}```\n",
                     format_number_of(difference.fields.size(), "field"), unaccepted(difference),
                     render_difference_text(difference, false, false));
}

}  // namespace windtunnel
