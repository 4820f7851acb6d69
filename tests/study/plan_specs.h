// Searches that tests write, in a folder of their own beside the shipped scenarios.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace windtunnel {

/// A specification in a file; its folder goes with it.
struct SpecFile {
  std::filesystem::path path;

  explicit SpecFile(const std::string& name, const std::string& text)
      : path(std::filesystem::temp_directory_path() / ("windtunnel_" + name + ".toml")) {
    std::ofstream(path) << text;
  }
  ~SpecFile() { std::filesystem::remove(path); }
  SpecFile(const SpecFile&) = delete;
  SpecFile& operator=(const SpecFile&) = delete;
};

/// A shipped file as a specification elsewhere names it.
inline std::string shipped_file(const std::string& file) {
  return std::filesystem::absolute(file).string();
}

/// A GPT of 1.3 B on 8 A100, with these choices.
inline std::string small_search(const std::string& vary, const std::string& more = "") {
  return "name = \"a small search\"\nscenario = \"" + shipped_file("scenarios/gpt/a100-node.toml") +
         "\"\nobjective = \"gpu_hours\"\n" + more + "[vary]\n" + vary;
}

}  // namespace windtunnel
