// A scenario as written, before the files that it names are read and its parts are fitted together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/base/fields.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// A range as written: each case a list of "key = value".
struct RangeText {
  std::string what;
  std::string assumed;
  std::vector<std::vector<Sourced<std::string>>> cases;
  std::string why;
};

/// The scenario as written: names of other files instead of their content.
struct ScenarioText {
  std::string name;
  ScenarioKind kind;
  Sourced<std::string> model;
  Sourced<std::string> cluster;
  std::optional<Sourced<int>> nodes;
  Dtype precision;
  Degrees parallelism;
  ScheduleChoice schedule;
  StageDivision stages;
  BatchPlan batch;
  RunPlan run;
  CommunicationPlan communication;
  MemoryPlan memory;
  std::optional<Implementation> implementation;
  std::optional<FailurePlan> failures;
  std::optional<Skew> skew;
  Assumptions assumptions;
  std::vector<RangeText> ranges;
};

/// What may be written in a scenario file.
const Fields<ScenarioText>& scenario_fields();

}  // namespace windtunnel
