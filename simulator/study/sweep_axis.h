// One direction of a sweep: the settings that it goes through, each a value for every key of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/base/fields.h"
#include "simulator/base/node.h"

namespace windtunnel {

/// A key of the scenario, dotted; `model.` and `cluster.` reach into the files that it names.
struct SweepKey {
  std::string key;
  Source source;
};

/// Numbers from `from` to at most `to`, each `step` more or `factor` times the one before; neither:
/// any number between, evenly (or its logarithm) when drawn at random. `unit` as written, after the
/// number; `whole`: all are integers.
struct SweepRange {
  double from;
  double to;
  std::optional<double> step;
  std::optional<double> factor;
  bool logarithmic;
  std::string unit;
  bool whole;
  Source source;
};

/// `settings[i]` has a value for each key, or none where that setting leaves the key alone; a range
/// has its numbers instead. `size`: settings, 0 where any number will do.
struct SweepAxis {
  std::vector<SweepKey> keys;
  std::vector<std::vector<std::optional<Node>>> settings;
  std::optional<SweepRange> range;
  std::int64_t size;
};

/// A table of [[axes]], whose keys are checked one by one.
Form<Node> axis_form();

/// What is written in a table of [[axes]], of [[linked]], and in all [[points]]; throw ConfigError.
SweepAxis read_axis(const Node& table);
SweepAxis read_linked(const Node& table);
SweepAxis read_points(const std::vector<Node>& tables);

/// The values of setting `index` (below `size`).
std::vector<std::optional<Node>> setting_of(const SweepAxis& axis, std::int64_t index);

/// Those that a number from [0, 1) draws.
std::vector<std::optional<Node>> drawn_setting(const SweepAxis& axis, double uniform);

}  // namespace windtunnel
