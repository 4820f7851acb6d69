#include "reports/render/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "reports/render/card.h"
#include "reports/render/degrees.h"
#include "reports/render/format.h"
#include "reports/render/sensitivity_figure.h"
#include "reports/render/serving_text.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"
#include "reports/render/verdict.h"

namespace windtunnel {
namespace {

struct Answer {
  const char* question;
  std::string html;
};

std::string answers(const std::vector<Answer>& all) {
  std::string out = "<dl class=\"short\">\n";
  for (const Answer& one : all) {
    if (!one.html.empty()) {
      out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", one.question, one.html);
    }
  }
  return out + "</dl>\n";
}

std::string against_published(const std::vector<ComparisonRow>& rows) {
  const int outside = count(rows, Verdict::kOutside);
  const int within = count(rows, Verdict::kWithin);
  if (rows.empty()) return "Nothing was published to compare it with.";
  if (outside + within == 0) return "What was published about it can't judge it.";
  return fmt::format("{} of {} published figures lie within their tolerance. {}", within,
                     within + outside,
                     outside == 0 ? render_badge("in tolerance", "good")
                                  : render_badge(fmt::format("{} outside", outside), "bad"));
}

std::string how_long(const Projection& projection) {
  if (!projection.run) {
    return fmt::format("{} a step.", format_seconds(projection.step.rank0.time));
  }
  const RunProjection& run = *projection.run;
  return fmt::format("{} days, {} GPU hours, {}. {} a GPU, {}.", format_fixed(run.days, 1),
                     format_gpu_hours(run.gpu_hours), format_dollars(run.cost),
                     format_bytes(projection.memory.peak),
                     projection.memory.fits ? "which fits" : "which does not fit");
}

std::string how_sure(const Projection& projection) {
  const ProvenanceShares& shares = projection.provenance;
  const std::string range =
      projection.run
          ? fmt::format("{} to {} GPU hours", format_gpu_hours(projection.run->gpu_hours_low),
                        format_gpu_hours(projection.run->gpu_hours_high))
          : fmt::format("{} to {}", format_seconds(projection.step.low),
                        format_seconds(projection.step.high));
  return fmt::format(
      "{} in four cases of five. {} of the priced time is measured, {} scaled, {} estimated. {}",
      range, format_percent(shares.measured), format_percent(shares.scaled),
      format_percent(shares.estimated), against_published(projection.published));
}

std::string widest(Tornado tornado) {
  if (tornado.rows.empty()) return "";
  const auto width = [](const TornadoRow& row) { return row.high - row.low; };
  const TornadoRow& row = *std::max_element(
      tornado.rows.begin(), tornado.rows.end(),
      [&](const TornadoRow& a, const TornadoRow& b) { return width(a) < width(b); });
  const std::string effect = fmt::format("{} to {}", escape(row.low_text), escape(row.high_text));
  if (row.basis != "assumed") {
    return fmt::format(" What could change it most is how sure the {} are: {}.", escape(row.what),
                       effect);
  }
  std::string what = row.what;  // a key of the scenario
  std::replace(what.begin(), what.end(), '_', ' ');
  return fmt::format(" What could change it most is the assumed {} of {}: {} gives {}.",
                     escape(what), escape(row.value), escape(row.range), effect);
}

std::string why(const Projection& projection) {
  const StepParts& mean = projection.step.mean;
  const auto of_step = [&](Seconds part) {
    return format_percent(share(part.value, mean.time.value));
  };
  std::string out = fmt::format("{} of a step is bubble", of_step(mean.bubble));
  if (projection.communication.total.value > 0) {
    out += fmt::format(", {} exposed communication; {} of all communication is hidden",
                       of_step(projection.communication.exposed),
                       format_percent(projection.communication.hidden_fraction));
  }
  out += ".";
  const auto longest = std::max_element(
      projection.terms.begin(), projection.terms.end(),
      [](const PricedTerm& a, const PricedTerm& b) { return a.time_in_step < b.time_in_step; });
  if (longest != projection.terms.end()) {
    const double part = share(longest->time_in_step.value, projection.step.rank0.time.value);
    out += fmt::format(" The longest single term is {} ({}, {}), {} of a step.",
                       escape(longest->kernel), escape(longest->layer), escape(longest->phase),
                       format_percent(part));
  }
  return out + widest(sensitivity_rows(projection));
}

std::string deployment(const ServingSummary& it) {
  std::string out = fmt::format("{} ({} weights, {} cache) on {} x {}", escape(it.model),
                                it.weights, it.cache, format_count(it.gpus), escape(it.gpu));
  for (const UnitSummary& unit : it.units) {
    out += fmt::format("; {}: {} x {}", unit.name, unit.count, escape(unit_words(unit)));
  }
  return out + ".";
}

std::string how_fast(const ServingProjection& projection) {
  if (!projection.rates) return fmt::format("No times: {}.", escape(projection.unpriced));
  const ServingRates& it = *projection.rates;
  return fmt::format(
      "{} output tokens/s a GPU, the next token after {}, the first after {}; ${} a "
      "million output tokens.",
      format_count(std::round(it.decode_tokens_per_s_per_gpu.value)),
      format_seconds({it.tpot_s.value}), format_seconds({it.ttft_s.value}),
      format_fixed(it.usd_per_million_output_tokens.value, 3));
}

std::string how_sure(const ServingProjection& projection) {
  std::string out;
  if (projection.rates) {
    const Interval& rate = projection.rates->decode_tokens_per_s_per_gpu;
    out = fmt::format(
        "{} to {} tokens/s a GPU in four cases of five. {} of the priced time is "
        "measured, {} scaled, {} estimated. ",
        format_count(std::round(rate.low)), format_count(std::round(rate.high)),
        format_percent(projection.shares.measured), format_percent(projection.shares.scaled),
        format_percent(projection.shares.estimated));
  }
  return out + against_published(projection.published);
}

std::string why(const ServingProjection& projection) {
  std::string out;
  for (const IterationProjection& it : projection.iterations) {
    if (it.name != "decode") continue;
    out =
        fmt::format("A decoding iteration of {} takes {}",
                    format_number_of(static_cast<std::size_t>(std::lround(it.requests)), "request"),
                    format_seconds(it.time));
    if (it.transfers.value > 0) {
      out += fmt::format(", {} of its transfers are hidden", format_percent(it.hidden_fraction));
    }
    out += ".";
  }
  return out + widest(sensitivity_rows(projection));
}

}  // namespace

std::string headline(const Projection& projection) {
  const ScenarioSummary& it = projection.scenario;
  return answers({{"What", fmt::format("{} on {} x {}: {}.", escape(it.model),
                                       format_count(it.gpus), escape(it.gpu), escape(degrees(it)))},
                  {"How long, how much", how_long(projection)},
                  {"How sure", how_sure(projection)},
                  {"Why", why(projection)}});
}

std::string headline(const ServingProjection& projection) {
  return answers({{"What", deployment(projection.scenario)},
                  {"How fast, how much", how_fast(projection)},
                  {"How sure", how_sure(projection)},
                  {"Why", why(projection)}});
}

}  // namespace windtunnel
