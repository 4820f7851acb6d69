// Changes of a scenario that reach into the files which it names.
#pragma once

#include <string>
#include <vector>

#include "simulator/base/node.h"
#include "simulator/base/source.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {

/// Changes of a scenario's model and cluster, with keys of those files; `said_in` is where they
/// were said.
struct PartOverrides {
  std::vector<Override> model;
  std::vector<Override> cluster;
  std::string said_in;
};

/// Takes `model.` and `cluster.` keys out of `overrides` and applies the others to `root`; throws
/// ConfigError.
PartOverrides apply_overrides(Node& root, const std::vector<Override>& overrides,
                              const std::string& said_in);

/// The file that `named` names, with `changes`; throws ConfigError.
Node changed_file(const Sourced<std::string>& named, const std::vector<Override>& changes,
                  const std::string& said_in);

}  // namespace windtunnel
