// Published figures beside what the simulation says.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/analysis/published.h"
#include "simulator/model/architecture.h"

namespace windtunnel {

/// A quantity that publications report, computed from a projection; `unit` is its own.
struct ProjectedQuantity {
  double value;
  std::optional<double> low;
  std::optional<double> high;
};

/// The quantity called `name` (such as "gpu_hours"), or nothing where the projection lacks it or no
/// quantity has that name.
std::optional<ProjectedQuantity> projected_quantity(std::string_view name,
                                                    const Projection& projection,
                                                    const Architecture& model, int sequence_length);

/// Rows for every figure of `file`; an unknown quantity, or one of a run that the projection lacks,
/// throws ConfigError. `changed` marks a scenario altered by --set: its rows are not comparable.
std::vector<ComparisonRow> compare_published(const PublishedFile& file,
                                             const Projection& projection,
                                             const Architecture& model, int sequence_length,
                                             bool changed);

/// One figure beside its projection.
ComparisonRow comparison_row(const PublishedFile& file, const PublishedFigure& figure,
                             const ProjectedQuantity& quantity, const std::string& provenance,
                             bool changed);

/// A published quantity that a projection does not have: throws ConfigError at its name, with what
/// is `known`.
[[noreturn]] void reject_quantity(const Sourced<std::string>& name,
                                  const std::vector<std::string>& known);

/// Failures first (worst first), then what passes, then what cannot be compared.
void sort_by_failure(std::vector<ComparisonRow>& rows);

/// Out of its tolerance although comparable.
bool fails(const ComparisonRow& row);

}  // namespace windtunnel
