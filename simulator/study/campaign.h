// A training run of several stages, each a scenario of its own: pre-training, context extension,
// fine-tuning, reinforcement learning. What a campaign costs is the sum of its stages.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/base/field_rows.h"
#include "simulator/study/reinforcement.h"
#include "simulator/study/simulation.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

struct CampaignStage {
  std::string name;
  std::variant<Scenario, Reinforcement> plan;
};

struct Campaign {
  std::filesystem::path path;
  std::string name;
  std::vector<CampaignStage> stages;
  std::vector<std::filesystem::path> files;  ///< its own, not its stages'
  bool changed;                              ///< by --set
};

/// What may be written in a campaign file.
FileKeys campaign_keys();

/// Reads a campaign and the scenarios of its stages; throws ConfigError with the place of a
/// mistake.
Campaign load_campaign(const std::filesystem::path& file, const std::vector<Override>& overrides);

/// The projection of the stage with the most GPU hours, but for `run`, which is that of all stages
/// one after another: its intervals add up, for what makes one stage slower than projected does so
/// to the others too. Assumptions are those of all stages, each with its effect on the whole.
Projection simulate_campaign(const Campaign& campaign, const SimulationOptions& options);

/// A file of any kind that trains, projected, and the scenario (of the stage) that its step is of.
struct Projected {
  Projection projection;
  Scenario scenario;
};

Projected project(const std::filesystem::path& file, const std::vector<Override>& overrides,
                  const SimulationOptions& options);

}  // namespace windtunnel
