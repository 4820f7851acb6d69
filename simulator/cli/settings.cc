#include "simulator/cli/settings.h"

#include "simulator/base/hash.h"
#include "simulator/cli/command.h"

namespace windtunnel {

void add_settings(CLI::App& command, std::vector<std::string>& texts) {
  command.add_option("--set", texts, "change a key: --set parallelism.pipeline=8")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::vector<Override> settings_of(const std::vector<std::string>& texts) {
  std::vector<Override> settings;
  for (const std::string& text : texts) settings.push_back(parse_pair("--set", text));
  return settings;
}

void add_setting_inputs(std::vector<InputFile>& inputs, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    inputs.push_back({.path = "--set " + text, .hash = content_hash(text)});
  }
}

}  // namespace windtunnel
