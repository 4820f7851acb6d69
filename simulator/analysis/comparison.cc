#include "simulator/analysis/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "simulator/base/error.h"
#include "simulator/base/suggestion.h"
#include "simulator/model/parameters.h"

namespace windtunnel {
namespace {

struct Context {
  const Projection& projection;
  const Architecture& model;
  int sequence_length;
};

using Reading = std::optional<ProjectedQuantity>;

Reading exact(double value) { return ProjectedQuantity{.value = value, .low = {}, .high = {}}; }

/// A quantity proportional to the run's GPU hours.
Reading of_hours(const Context& context, double factor) {
  if (!context.projection.run) return {};
  const RunProjection& run = *context.projection.run;
  return ProjectedQuantity{.value = run.gpu_hours * factor,
                           .low = run.gpu_hours_low * factor,
                           .high = run.gpu_hours_high * factor};
}

double t_tokens(const Context& context) { return context.projection.run->tokens.value / 1e12; }

struct QuantityRow {
  std::string_view name;
  Reading (*read)(const Context&);
};

constexpr std::array kQuantities{
    QuantityRow{"gpu_hours", [](const Context& c) { return of_hours(c, 1); }},
    QuantityRow{"usd",
                [](const Context& c) -> Reading {
                  if (!c.projection.run) return {};
                  const RunProjection& run = *c.projection.run;
                  return of_hours(c, run.cost.value / run.gpu_hours);
                }},
    QuantityRow{"gpu_hours_per_t_tokens",
                [](const Context& c) -> Reading {
                  if (!c.projection.run) return {};
                  return of_hours(c, 1 / t_tokens(c));
                }},
    QuantityRow{"days_per_t_tokens",
                [](const Context& c) -> Reading {
                  if (!c.projection.run) return {};
                  return of_hours(c, 1 / t_tokens(c) / c.projection.scenario.gpus / 24);
                }},
    QuantityRow{"training_gflops_per_token",
                [](const Context& c) {
                  return exact(training_flops_per_token(c.model, c.sequence_length).causal.value /
                               1e9);
                }},
    QuantityRow{
        "parameters",
        [](const Context& c) { return exact(static_cast<double>(parameters(c.model).total)); }},
    QuantityRow{"active_parameters", [](const Context& c) {
                  return exact(static_cast<double>(parameters(c.model).active));
                }}};

std::string provenance_of(const Projection& projection, const ProjectedQuantity& quantity) {
  if (!quantity.low) return "computed from the architecture";
  const ProvenanceShares& shares = projection.provenance;
  return fmt::format("{:.0f} % measured, {:.0f} % scaled, {:.0f} % estimated",
                     100 * shares.measured, 100 * shares.scaled, 100 * shares.estimated);
}

[[noreturn]] void reject(const Sourced<std::string>& name) {
  std::vector<std::string> known;
  for (const QuantityRow& row : kQuantities) {
    if (row.name == name.value) {
      throw ConfigError(name.source,
                        fmt::format("the scenario has no run to take `{}` from", name.value));
    }
    known.emplace_back(row.name);
  }
  reject_quantity(name, known);
}

std::optional<double> error_of(double projected, std::optional<double> published) {
  if (!published) return std::nullopt;
  return *published == 0 ? 0 : projected / *published - 1;
}

}  // namespace

ComparisonRow comparison_row(const PublishedFile& file, const PublishedFigure& figure,
                             const ProjectedQuantity& quantity, const std::string& provenance,
                             bool changed) {
  const bool altered = changed && !figure.reason;
  return {.model = file.model,
          .quantity = figure.quantity.value,
          .unit = figure.unit,
          .published = figure.value,
          .projected = quantity.value,
          .low = quantity.low,
          .high = quantity.high,
          .error = error_of(quantity.value, figure.value),
          .tolerance = figure.tolerance,
          .provenance = provenance,
          .source = figure.source,
          .comparable = !figure.reason && !altered,
          .reason = altered ? "--set changed the scenario" : figure.reason.value_or("")};
}

void reject_quantity(const Sourced<std::string>& name, const std::vector<std::string>& known) {
  const std::string near = closest(name.value, known);
  throw ConfigError(name.source,
                    fmt::format("unknown quantity `{}`{}", name.value,
                                near.empty() ? "" : fmt::format(", did you mean `{}`?", near)),
                    fmt::format("{}", fmt::join(known, ", ")));
}

std::optional<ProjectedQuantity> projected_quantity(std::string_view name,
                                                    const Projection& projection,
                                                    const Architecture& model,
                                                    int sequence_length) {
  for (const QuantityRow& row : kQuantities) {
    if (row.name == name) return row.read({projection, model, sequence_length});
  }
  return {};
}

std::vector<ComparisonRow> compare_published(const PublishedFile& file,
                                             const Projection& projection,
                                             const Architecture& model, int sequence_length,
                                             bool changed) {
  std::vector<ComparisonRow> rows;
  for (const PublishedFigure& figure : file.figures) {
    const auto quantity =
        projected_quantity(figure.quantity.value, projection, model, sequence_length);
    if (!quantity) reject(figure.quantity);
    rows.push_back(
        comparison_row(file, figure, *quantity, provenance_of(projection, *quantity), changed));
  }
  return rows;
}

bool fails(const ComparisonRow& row) {
  // Written so that a projection that is no number fails.
  return row.comparable && row.tolerance && row.error && !(std::abs(*row.error) <= *row.tolerance);
}

void sort_by_failure(std::vector<ComparisonRow>& rows) {
  const auto rank = [](const ComparisonRow& row) {
    if (!row.comparable) return 2;
    return fails(row) ? 0 : 1;
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const ComparisonRow& a, const ComparisonRow& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return std::abs(a.error.value_or(0)) > std::abs(b.error.value_or(0));
  });
}

}  // namespace windtunnel
