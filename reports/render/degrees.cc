#include "reports/render/degrees.h"

#include <fmt/format.h>

#include <utility>

#include "reports/render/format.h"

namespace windtunnel {

std::string degrees(const ScenarioSummary& scenario) {
  std::string out;
  const std::pair<const char*, int> named[] = {{"pipeline", scenario.pipeline},
                                               {"expert", scenario.expert},
                                               {"data", scenario.data},
                                               {"tensor", scenario.tensor},
                                               {"context", scenario.context}};
  for (const auto& [name, degree] : named) {
    if (degree > 1) out += fmt::format("{} {}, ", name, degree);
  }
  if (scenario.zero_stage > 0) out += fmt::format("ZeRO-{}, ", scenario.zero_stage);
  out += scenario.schedule;
  if (scenario.virtual_stages > 1) {
    out += fmt::format(", v {}", scenario.virtual_stages);
  }
  return out + fmt::format(", {} micro-batches", format_count(scenario.micro_batches));
}

}  // namespace windtunnel
