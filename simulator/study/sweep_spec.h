// What a sweep goes through: a scenario, and the keys of it that take other values. Point i follows
// from the specification and i alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "simulator/base/field_rows.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/sweep_axis.h"
#include "simulator/workload/scenario_kind.h"

namespace windtunnel {

/// Axes in the order of the file, then linked keys, then the points as one axis; the last one runs
/// fastest. `samples`: so many points drawn at random from all of them instead. `columns`: names of
/// the projection document that are recorded; none: the usual ones of its kind.
struct SweepSpec {
  std::filesystem::path path;
  std::string name;
  std::filesystem::path scenario;
  ScenarioFamily family;
  std::vector<SweepAxis> axes;
  std::vector<Sourced<std::string>> columns;
  bool intervals;
  std::optional<std::int64_t> samples;
  std::int64_t seed;
  std::int64_t count;
  std::vector<std::filesystem::path> files;  ///< the specification's, and all that they name
};

/// What may be written in a sweep's file.
FileKeys sweep_keys();

/// Reads a specification and tries every value of every axis on the scenario's table of keys;
/// throws ConfigError for a key or a value that no scenario has. Whether values go together is
/// found at each point.
SweepSpec load_sweep(const std::filesystem::path& file);

/// The keys of all axes, in order.
std::vector<std::string> sweep_keys_of(const SweepSpec& spec);

/// Values of those keys at a point; none where it leaves the scenario's own.
std::vector<std::optional<Node>> sweep_point(const SweepSpec& spec, std::int64_t id);

}  // namespace windtunnel
