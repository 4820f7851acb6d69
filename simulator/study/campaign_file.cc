#include <algorithm>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/campaign.h"
#include "simulator/workload/scenario_kind.h"

namespace windtunnel {
namespace {

constexpr const char* kKind = "campaign";

enum class Kind { kCampaign };

struct StageText {
  std::string name;
  Sourced<std::string> scenario;
};

struct CampaignText {
  std::string name;
  Kind kind;
  std::vector<StageText> stages;
};

Fields<CampaignText> campaign_fields() {
  const auto stage = Fields<StageText>("stages")
                         .required("name", &StageText::name, "shown to people")
                         .required("scenario", &StageText::scenario,
                                   "scenario file of the stage, relative to this one");
  return Fields<CampaignText>("campaign")
      .required("name", &CampaignText::name, "shown to people")
      .required("kind", &CampaignText::kind, names<Kind>({{kKind, Kind::kCampaign}}),
                "several stages of training, one after another")
      .table("stages", &CampaignText::stages, stage, "in the order in which they run");
}

/// A stage that trains; what goes wrong in its file is also the campaign's mistake.
std::variant<Scenario, Reinforcement> load_stage(const Sourced<std::string>& named) {
  try {
    if (scenario_family(beside(named), {}) == ScenarioFamily::kReinforcement) {
      return load_reinforcement(beside(named), {});
    }
    Scenario scenario = load_scenario(beside(named), {});
    if (scenario.kind == ScenarioKind::kOverlappedPair) {
      throw ConfigError(named.source, "an overlapped pair is no stage of a run",
                        "a scenario of kind \"pretraining\" or \"fine_tuning\"");
    }
    return scenario;
  } catch (const ConfigError& error) {
    throw error.with_note({"for this stage", named.source});
  }
}

}  // namespace

FileKeys campaign_keys() { return file_keys(campaign_fields()); }

Campaign load_campaign(const std::filesystem::path& file, const std::vector<Override>& overrides) {
  const Node root = load_changed(file, overrides);
  const CampaignText text = decode(campaign_fields(), root);
  if (text.stages.empty()) {
    throw ConfigError(source_of(root, "stages"), "a campaign without stages", "[[stages]]");
  }
  Campaign campaign{
      .path = file, .name = text.name, .stages = {}, .files = {}, .changed = !overrides.empty()};
  for (const std::string& name : files_of(root)) campaign.files.emplace_back(name);
  for (const StageText& stage : text.stages) {
    campaign.stages.push_back({stage.name, load_stage(stage.scenario)});
  }
  return campaign;
}

}  // namespace windtunnel
