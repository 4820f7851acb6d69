#include "reports/compare/ci_outputs.h"

#include <fmt/format.h>

#include <cmath>

#include "reports/compare/comparison_text.h"
#include "reports/render/format.h"
#include "reports/render/json_parts.h"
#include "reports/render/svg.h"
#include "simulator/base/shown_text.h"

namespace windtunnel {
namespace {

constexpr std::size_t kMostRows = 200;        // GitHub cuts a summary at 1 MiB
constexpr std::size_t kMostAnnotations = 10;  // and shows ten of a kind

/// "+5.1 % (+4.2 % to +6.0 %), 801 us to 842 us, p 4e-05".
std::string figures_text(const BenchmarkRow& row) {
  const std::string interval = interval_text(row.time);
  std::string text = ratio_text(row.time.ratio);
  if (!interval.empty()) text += " (" + interval + ")";
  if (std::isfinite(row.base_s) && std::isfinite(row.new_s)) {
    text += fmt::format(", {} to {}", format_seconds({row.base_s}), format_seconds({row.new_s}));
  }
  if (std::isfinite(row.p)) text += fmt::format(", p {:.2g}", row.p);
  const std::string remark = remark_text(row);
  return remark.empty() ? text : text + "; " + remark;
}

/// GitHub's own escapes, of a message and of a property.
std::string command_text(const std::string& text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r' || c == '\n') {
      out += c == '\r' ? "%0D" : "%0A";
    } else if (property && (c == ':' || c == ',')) {
      out += c == ':' ? "%3A" : "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : shown_text(text)) {
    if (c == '|' || c == '<' || c == '`') out += '\\';
    out += c;
  }
  return out;
}

/// Of a label's value.
std::string label_text(const std::string& text) {
  std::string out;
  for (const char c : shown_text(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string render_junit(const ResultComparison& comparison) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites><testsuite name=\"windtunnel compare\" tests=\"{}\" failures=\"{}\" "
      "skipped=\"{}\">\n",
      comparison.rows.size(), count_of(comparison, Outcome::kRegressed),
      count_of(comparison, Outcome::kUndecided));
  for (const BenchmarkRow& row : comparison.rows) {
    out += fmt::format("<testcase classname=\"{}\" name=\"{}\"", escape(comparison.now.format),
                       escape(row.name));
    const std::string text = escape(figures_text(row));
    if (row.outcome == Outcome::kRegressed) {
      out += fmt::format("><failure type=\"REGRESSED\" message=\"{}\"/></testcase>\n", text);
    } else if (row.outcome == Outcome::kUndecided) {
      out += fmt::format("><skipped message=\"UNDECIDED: {}\"/></testcase>\n", text);
    } else {
      out += fmt::format("><system-out>{}: {}</system-out></testcase>\n", outcome_name(row.outcome),
                         text);
    }
  }
  return out + "</testsuite></testsuites>\n";
}

std::string render_github_annotations(const ResultComparison& comparison) {
  std::string out;
  std::size_t shown = 0;
  for (const BenchmarkRow& row : outcomes_first(comparison.rows)) {
    if (row.outcome != Outcome::kRegressed || ++shown > kMostAnnotations) break;
    out += fmt::format("::error title={}::{}\n",
                       command_text("Regressed: " + shown_text(row.name), true),
                       command_text(figures_text(row), false));
  }
  const std::size_t regressed = count_of(comparison, Outcome::kRegressed);
  if (regressed > kMostAnnotations) {
    out += fmt::format("::error title=Regressed::{} more\n", regressed - kMostAnnotations);
  }
  const std::size_t undecided = count_of(comparison, Outcome::kUndecided);
  if (undecided > 0) {
    out += fmt::format("::warning title=Undecided::{} of {}: more samples would tell\n", undecided,
                       format_number_of(comparison.rows.size(), "benchmark"));
  }
  return out;
}

std::string render_step_summary(const ResultComparison& comparison) {
  std::string out = fmt::format("### Benchmarks: {}\n\n", counts_text(comparison));
  out += "| verdict | benchmark | base | new | change | 99 % interval | p | |\n";
  out += "|---|---|--:|--:|--:|---|--:|---|\n";
  std::size_t shown = 0;
  for (const BenchmarkRow& row : outcomes_first(comparison.rows)) {
    if (++shown > kMostRows) break;
    const auto time = [](double seconds) {
      return std::isfinite(seconds) ? format_seconds({seconds}) : "";
    };
    out += fmt::format(
        "| {} | {} | {} | {} | {} | {} | {} | {} |\n", outcome_name(row.outcome), cell(row.name),
        time(row.base_s), time(row.new_s), ratio_text(row.time.ratio), interval_text(row.time),
        std::isfinite(row.p) ? fmt::format("{:.2g}", row.p) : "", cell(remark_text(row)));
  }
  if (comparison.rows.size() > kMostRows) {
    out += fmt::format("\n{} more\n", comparison.rows.size() - kMostRows);
  }
  for (const std::string& note : comparison.notes) out += "\n" + cell(note) + "\n";
  return out;
}

std::string render_benchmark_action(const ResultComparison& comparison) {
  OrderedJson out = OrderedJson::array();
  for (const BenchmarkRow& row : comparison.rows) {
    if (!std::isfinite(row.new_s)) continue;
    out.push_back({{"name", row.name},
                   {"unit", "s"},
                   {"value", row.new_s},
                   {"extra", fmt::format("{} {}", outcome_name(row.outcome), figures_text(row))}});
  }
  return document_text(out);
}

std::string render_openmetrics(const ResultComparison& comparison) {
  std::string out =
      "# HELP windtunnel_benchmark_seconds Median time of one run.\n"
      "# TYPE windtunnel_benchmark_seconds gauge\n"
      "# UNIT windtunnel_benchmark_seconds seconds\n";
  const auto labels = [&](const BenchmarkRow& row) {
    return fmt::format("benchmark=\"{}\",gpu=\"{}\"", label_text(row.name),
                       label_text(comparison.now.device));
  };
  for (const BenchmarkRow& row : comparison.rows) {
    if (!std::isfinite(row.new_s)) continue;
    out += fmt::format("windtunnel_benchmark_seconds{{{}}} {}\n", labels(row), row.new_s);
  }
  out +=
      "# HELP windtunnel_benchmark_ratio Median time over that of the base.\n"
      "# TYPE windtunnel_benchmark_ratio gauge\n";
  for (const BenchmarkRow& row : comparison.rows) {
    if (!std::isfinite(row.time.ratio)) continue;
    out += fmt::format("windtunnel_benchmark_ratio{{{},verdict=\"{}\"}} {}\n", labels(row),
                       outcome_name(row.outcome), row.time.ratio);
  }
  out +=
      "# HELP windtunnel_benchmarks Benchmarks by verdict.\n"
      "# TYPE windtunnel_benchmarks gauge\n";
  for (const Outcome outcome :
       {Outcome::kRegressed, Outcome::kUndecided, Outcome::kImproved, Outcome::kUnchanged}) {
    out += fmt::format("windtunnel_benchmarks{{verdict=\"{}\"}} {}\n", outcome_name(outcome),
                       count_of(comparison, outcome));
  }
  return out + "# EOF\n";
}

}  // namespace windtunnel
