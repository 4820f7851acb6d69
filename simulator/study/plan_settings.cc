#include "simulator/study/plan_settings.h"

#include <fmt/format.h>

#include <string_view>

#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

std::string_view recompute_name(Recompute recompute) {
  return recompute == Recompute::kNone ? "none" : recompute == Recompute::kLight ? "light" : "full";
}

std::string beside_folder(const std::filesystem::path& file, const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  const fs::path from = fs::absolute(folder.empty() ? fs::path(".") : folder);
  return fs::proximate(fs::absolute(file), from).generic_string();
}

}  // namespace

std::string toml_text(const std::string& text) { return toml_text(Node{text, {}}); }

std::vector<PlanSetting> training_settings(const Scenario& plan, bool with_nodes) {
  const Degrees& degrees = plan.parallelism;
  const auto number = [](auto value) { return fmt::format("{}", value); };
  std::vector<PlanSetting> settings;
  settings.emplace_back("ranges", "[]");
  if (with_nodes) settings.emplace_back("nodes", number(plan.cluster.nodes));
  settings.emplace_back("precision", plan.precision == Dtype::kFp8 ? "\"fp8\"" : "\"bf16\"");
  settings.emplace_back("parallelism.pipeline", number(degrees.pipeline));
  settings.emplace_back("parallelism.expert", number(degrees.expert));
  settings.emplace_back("parallelism.expert_tensor", number(degrees.expert_tensor));
  settings.emplace_back("parallelism.tensor", number(degrees.tensor));
  settings.emplace_back("parallelism.sequence_parallel", number(degrees.sequence_parallel));
  settings.emplace_back("parallelism.context", number(degrees.context));
  settings.emplace_back("parallelism.zero_stage", number(degrees.zero_stage));
  if (degrees.shard_group) {
    settings.emplace_back("parallelism.shard_group", number(*degrees.shard_group));
  }
  settings.emplace_back("schedule.name", toml_text(plan.schedule.name.value));
  settings.emplace_back("schedule.fallback", toml_text(plan.schedule.fallback.value));
  settings.emplace_back("schedule.virtual_stages",
                        number(plan.schedule.virtual_stages.value_or(1)));
  settings.emplace_back("stages.layers", fmt::format("[{}]", fmt::join(plan.stages.layers, ", ")));
  settings.emplace_back("stages.alternatives", "[]");
  settings.emplace_back("stages.vision", "[]");
  settings.emplace_back("batch.micro_batch", number(plan.batch.micro_batch));
  settings.emplace_back("communication.sms", number(plan.communication.sms));
  settings.emplace_back("memory.recompute",
                        fmt::format("\"{}\"", recompute_name(plan.memory.recompute)));
  settings.emplace_back("run.price_per_gpu_hour",
                        fmt::format("\"{} USD\"", plan.run.price_per_gpu_hour.value));
  return settings;
}

std::string settings_file(const std::string& name, const std::filesystem::path& base,
                          const std::optional<std::filesystem::path>& cluster,
                          const std::vector<PlanSetting>& settings,
                          const std::filesystem::path& folder) {
  std::string text =
      "# Found by `windtunnel plan`; what is not said here is as in the scenario "
      "that this extends.\n";
  text += fmt::format("extends = {}\n", toml_text(beside_folder(base, folder)));
  text += fmt::format("name = {}\n", toml_text(name));
  if (cluster) text += fmt::format("cluster = {}\n", toml_text(beside_folder(*cluster, folder)));
  std::string tables;
  std::string open;
  for (const auto& [key, value] : settings) {
    const std::size_t dot = key.rfind('.');
    if (dot == std::string::npos) {
      text += fmt::format("{} = {}\n", key, value);
      continue;
    }
    const std::string table = key.substr(0, dot);
    if (table != open) tables += fmt::format("\n[{}]\n", table);
    open = table;
    tables += fmt::format("{} = {}\n", key.substr(dot + 1), value);
  }
  return text + tables;
}

}  // namespace windtunnel
