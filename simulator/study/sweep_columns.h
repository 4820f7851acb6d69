// The quantities of a projection that a sweep can record, by their names in the document.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/analysis/serving_projection.h"
#include "simulator/base/source.h"
#include "simulator/batch/batch.h"

namespace windtunnel {

/// What has to be simulated for a quantity.
enum class QuantityOf { kStep, kRun, kInterval };

/// A quantity of a projection of kind P; `cell` is empty where this one lacks it.
template <typename P>
struct SweepColumn {
  std::string_view name;
  ColumnType type;
  QuantityOf of;
  bool usual;  ///< recorded where the specification names no columns
  std::string (*cell)(const P& projection);
};

template <typename P>
using SweepColumns = std::vector<SweepColumn<P>>;

/// All there are, in the order of the document.
const SweepColumns<Projection>& training_columns();
const SweepColumns<ServingProjection>& serving_columns();

/// Those of `wanted`, in its order, or the usual ones; throws ConfigError at a name that is none,
/// and at an interval where `intervals` are not asked for.
template <typename P>
SweepColumns<P> chosen_columns(const SweepColumns<P>& all,
                               const std::vector<Sourced<std::string>>& wanted, bool intervals);

extern template SweepColumns<Projection> chosen_columns(const SweepColumns<Projection>&,
                                                        const std::vector<Sourced<std::string>>&,
                                                        bool);
extern template SweepColumns<ServingProjection> chosen_columns(
    const SweepColumns<ServingProjection>&, const std::vector<Sourced<std::string>>&, bool);

}  // namespace windtunnel
