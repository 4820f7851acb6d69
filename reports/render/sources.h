// Which measurements stand behind a step, the longest first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// A priced time and what it rests on.
struct SourcedTime {
  std::string basis;  ///< measured, scaled, estimated, assumed
  std::string source;
  Seconds time;
};

/// What the times of one basis and source come to.
struct SourceShare {
  std::string basis;
  std::string source;  ///< without what it says of one kernel alone
  std::size_t terms;
  Seconds time;
  double part;  ///< of the time of all
};

/// A source's words up to what they say of one kernel: "owner/name@commit, inside a step on H800".
std::string source_family(std::string_view source);

/// By basis and family of sources; they add up to one.
std::vector<SourceShare> source_shares(const std::vector<SourcedTime>& times);

/// Every term's time in a step of pipeline rank 0, launch gaps too; and every term's in one
/// iteration of each kind.
std::vector<SourcedTime> sourced_times(const std::vector<PricedTerm>& terms);
std::vector<SourcedTime> sourced_times(const std::vector<IterationProjection>& iterations);

/// The source that most of a kind of slot ("forward", "overlapped", ...) rests on, with its share;
/// empty where no term is known.
std::string slot_source(const std::vector<PricedTerm>& terms, std::string_view slot);

/// The same of a stage of terms `first` to `end` of an iteration.
std::string stage_source(const IterationProjection& iteration, std::size_t first, std::size_t end,
                         ServingStage stage);

/// Those shares as a table whose rows have the ids `id`-1, -2, ...
DataTable sources_table(const std::vector<SourceShare>& shares, const std::string& id);

}  // namespace windtunnel
