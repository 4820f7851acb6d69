#include "tests/tidy/tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/tidy/source_text.h"

namespace windtunnel {

namespace {

/// The words of a CMakeLists.txt, without its comments.
std::vector<std::string> cmake_words(std::string_view text) {
  std::vector<std::string> words(1);
  bool comment = false;
  for (const char c : text) {
    comment = c == '#' || (comment && c != '\n');
    const bool bracket = c == '(' || c == ')';
    if (!comment && !bracket && !is_blank(c) && c != '"') {
      words.back() += c;
      continue;
    }
    if (!words.back().empty()) words.emplace_back();
    if (!comment && bracket) words.insert(words.end() - 1, std::string(1, c));
  }
  return words;
}

}  // namespace

bool is_header(std::string_view path) { return path.ends_with(".h") || path.ends_with(".cuh"); }
bool is_code(std::string_view path) {
  return is_header(path) || path.ends_with(".cc") || path.ends_with(".cu");
}
bool is_script(std::string_view path) {
  return path.ends_with("CMakeLists.txt") || path == "run" || path == ".ci/run";
}

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().generic_string();
}

Tree read_tree(const std::filesystem::path& root) {
  Tree tree;
  const auto add = [&](const std::filesystem::path& file) {
    const std::string path = file.lexically_relative(root).generic_string();
    const bool read =
        is_code(path) || is_script(path) || path.ends_with(".toml") || path.ends_with(".md");
    std::ifstream stream(file, std::ios::binary);
    tree[path] = read ? std::string(std::istreambuf_iterator<char>(stream), {}) : "";
  };
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.is_regular_file()) add(entry.path());
  }
  for (const char* folder : {".ci", "bench", "examples", "install", "kernels", "reports",
                             "scenarios", "simulator", "tests", "topologies"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const bool expected = entry.path().generic_string().find("/golden/") != std::string::npos;
      if (entry.is_regular_file() && !expected) add(entry.path());
    }
  }
  return tree;
}

std::vector<Include> own_includes(const std::string& text) {
  constexpr std::string_view kInclude = "#include \"";
  std::vector<Include> includes;
  const std::vector<std::string> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with(kInclude)) continue;
    const std::string rest = lines[i].substr(kInclude.size());
    includes.push_back({rest.substr(0, rest.find('"')), i + 1});
  }
  return includes;
}

std::set<std::string> built_files(const Tree& tree) {
  std::set<std::string> built;
  for (const auto& [path, text] : tree) {
    if (!path.ends_with("CMakeLists.txt")) continue;
    for (std::string word : cmake_words(text)) {
      std::filesystem::path folder = folder_of(path);
      for (const std::string_view root : {"${PROJECT_SOURCE_DIR}/", "${CMAKE_SOURCE_DIR}/"}) {
        if (word.starts_with(root)) {
          word = word.substr(root.size());
          folder.clear();
        }
      }
      built.insert((folder / word).lexically_normal().generic_string());
    }
  }
  return built;
}

std::string Layers::of(const std::string& path) const {
  for (std::string folder = folder_of(path); !folder.empty(); folder = folder_of(folder)) {
    if (const auto found = by_folder.find(folder); found != by_folder.end()) return found->second;
  }
  return "";
}

Layers read_layers(const Tree& tree) {
  Layers layers;
  for (const auto& [path, text] : tree) {
    if (!path.ends_with("/CMakeLists.txt")) continue;
    const std::vector<std::string> words = cmake_words(text);
    for (std::size_t i = 0; i + 2 < words.size(); ++i) {
      if (words[i] != "windtunnel_layer") continue;
      const std::string& name = words[i + 2];
      layers.by_folder[folder_of(path)] = name;
      const auto end = std::find(words.begin() + static_cast<std::ptrdiff_t>(i), words.end(), ")");
      auto links = std::find(words.begin() + static_cast<std::ptrdiff_t>(i), end, "LINKS");
      for (; links != end; ++links) layers.below[name].insert(*links);
    }
  }
  for (std::size_t pass = 0; pass < layers.below.size(); ++pass) {
    for (auto& [name, below] : layers.below) {
      const std::set<std::string> direct = below;
      for (const std::string& link : direct) {
        const auto further = layers.below.find(link);
        if (further != layers.below.end())
          below.insert(further->second.begin(), further->second.end());
      }
    }
  }
  return layers;
}

}  // namespace windtunnel
