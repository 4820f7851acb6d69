#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel {

/// Every file of the project by its path from the root; the text is empty where no rule reads it.
using Tree = std::map<std::string, std::string>;

/// Reads the tree at `root`. Build folders and expected outputs are no part of it.
Tree read_tree(const std::filesystem::path& root);

bool is_header(std::string_view path);
bool is_code(std::string_view path);
bool is_script(std::string_view path);

std::string folder_of(const std::string& path);

/// A file included in quotes, and the line that says so.
struct Include {
  std::string path;
  std::size_t line;
};
std::vector<Include> own_includes(const std::string& text);

/// The files that the CMakeLists.txt name, as paths from the root.
std::set<std::string> built_files(const Tree& tree);

/// The layer of each folder, and for each layer all that stand below it.
struct Layers {
  std::map<std::string, std::string> by_folder;
  std::map<std::string, std::set<std::string>> below;

  /// The layer whose folder holds `path`; empty when none does.
  std::string of(const std::string& path) const;
};

/// The layer order, read from the LINKS of every windtunnel_layer(...) and closed transitively.
Layers read_layers(const Tree& tree);

}  // namespace windtunnel
