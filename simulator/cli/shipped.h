// The data that come with the program: where they are, and what lies there.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace windtunnel {

/// `../share/windtunnel` of the program where it was installed, else the tree it was built from.
std::filesystem::path data_root(const std::filesystem::path& source_tree);

/// Every scenario that can be simulated, as `scenarios/...toml`, sorted; nothing where none lie.
std::vector<std::string> shipped_scenarios(const std::filesystem::path& root);

/// Ids of the GPUs with a data sheet, sorted.
std::vector<std::string> shipped_gpus(const std::filesystem::path& root);

/// Lets every positional SCENARIO of `app`'s commands name a shipped file from any folder: what is
/// not there but in `root` is taken from there.
void find_shipped_scenarios(CLI::App& app, const std::filesystem::path& root);

}  // namespace windtunnel
