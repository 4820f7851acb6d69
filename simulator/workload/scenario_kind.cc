#include "simulator/workload/scenario_kind.h"

#include <algorithm>

#include "simulator/base/fields.h"

namespace windtunnel {
namespace {

struct KindText {
  ScenarioFamily kind;
};

Fields<KindText> kind_fields() {
  using Family = ScenarioFamily;
  return Fields<KindText>("scenario")
      .required("kind", &KindText::kind,
                names<Family>({{"pretraining", Family::kTraining},
                               {"fine_tuning", Family::kTraining},
                               {"overlapped_pair", Family::kTraining},
                               {"serving", Family::kServing},
                               {"reinforcement", Family::kReinforcement},
                               {"campaign", Family::kCampaign}}),
                "what is simulated");
}

}  // namespace

ScenarioFamily scenario_family(const std::filesystem::path& file,
                               const std::vector<Override>& overrides) {
  Node root = load_changed(file, overrides);
  auto& entries = std::get<Table>(root.value).entries;
  entries.erase(std::remove_if(entries.begin(), entries.end(),
                               [](const Entry& entry) { return entry.key != "kind"; }),
                entries.end());
  return decode(kind_fields(), root).kind;
}

}  // namespace windtunnel
