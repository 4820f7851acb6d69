#include "simulator/workload/part_overrides.h"

namespace windtunnel {

PartOverrides apply_overrides(Node& root, const std::vector<Override>& overrides,
                              const std::string& said_in) {
  PartOverrides parts{.model = {}, .cluster = {}, .said_in = said_in};
  for (const auto& [key, value] : overrides) {
    if (key.rfind("model.", 0) == 0) {
      parts.model.emplace_back(key.substr(6), value);
    } else if (key.rfind("cluster.", 0) == 0) {
      parts.cluster.emplace_back(key.substr(8), value);
    } else {
      set_value(root, key, value, said_in);
    }
  }
  return parts;
}

Node changed_file(const Sourced<std::string>& named, const std::vector<Override>& changes,
                  const std::string& said_in) {
  Node root = load_toml(beside(named), named.source);
  for (const auto& [key, value] : changes) set_value(root, key, value, said_in);
  return root;
}

}  // namespace windtunnel
