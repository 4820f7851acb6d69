#include "simulator/cli/shipped.h"

#include <algorithm>
#include <system_error>

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

/// Architectures and published figures lie in folders of their own and are no scenarios.
bool is_scenario(const fs::path& file) {
  const std::string path = file.generic_string();
  const auto in = [&](const char* folder) { return path.find(folder) != std::string::npos; };
  return file.extension() == ".toml" && !in("/models/") && !in("/published/") && !in("/plans/") &&
         !in("/sweeps/");
}

}  // namespace

fs::path data_root(const fs::path& source_tree) {
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  const fs::path installed = program.parent_path().parent_path() / "share" / "windtunnel";
  return !unknown && fs::is_directory(installed / "topologies", unknown) ? installed : source_tree;
}

std::vector<std::string> shipped_scenarios(const fs::path& root) {
  std::vector<std::string> all;
  std::error_code missing;
  for (fs::recursive_directory_iterator it(root / "scenarios", missing), end; it != end;
       it.increment(missing)) {
    if (is_scenario(it->path())) all.push_back(it->path().lexically_relative(root).string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> shipped_gpus(const fs::path& root) {
  std::vector<std::string> all;
  std::error_code missing;
  for (fs::directory_iterator it(root / "topologies/gpus", missing), end; it != end;
       it.increment(missing)) {
    if (it->path().extension() == ".toml") all.push_back(it->path().stem().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

void find_shipped_scenarios(CLI::App& app, const fs::path& root) {
  const CLI::Validator find(
      [root](std::string& file) {
        std::error_code missing;
        if (!fs::exists(file, missing) && fs::exists(root / file, missing)) {
          file = (root / file).string();
        }
        return std::string();
      },
      "");
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    for (CLI::Option* option : command->get_options()) {
      const std::string name = option->get_name(true);
      const bool file = name.starts_with("SCENARIO") || name.starts_with("SPEC");
      if (option->get_positional() && file) option->transform(find);
    }
  }
}

}  // namespace windtunnel
