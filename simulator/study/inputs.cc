#include "simulator/study/inputs.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "simulator/base/hash.h"
#include "simulator/base/text_file.h"

namespace windtunnel {
namespace {

/// All files of a folder as one input: what a projection may rest on, whichever of them it read.
InputFile whole_folder(const std::filesystem::path& root, const std::string& name) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / name)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string hashes;
  for (const auto& file : files) {
    hashes += std::filesystem::relative(file, root).string() + " " +
              content_hash(read_text_file(file)) + "\n";
  }
  return {.path = fmt::format("{} ({} files)", name, files.size()), .hash = content_hash(hashes)};
}

}  // namespace

std::vector<InputFile> input_files(const std::vector<std::filesystem::path>& files,
                                   const std::filesystem::path& root,
                                   const std::filesystem::path& measurements) {
  std::vector<InputFile> inputs{whole_folder(root, "bench/measurements"),
                                whole_folder(root, "topologies/gpus")};
  const auto add = [&](const std::filesystem::path& file) {
    inputs.push_back({.path = file.string(), .hash = content_hash(read_text_file(file))});
  };
  std::for_each(files.begin(), files.end(), add);
  if (!measurements.empty()) {
    add(measurements / "step.toml");
    add(measurements / "train_kernels.csv");
  }
  return inputs;
}

std::string changed_input(const std::vector<std::filesystem::path>& files,
                          const std::filesystem::path& root, const std::vector<InputFile>& before) {
  for (const auto& file : files) {
    if (!std::filesystem::is_regular_file(file)) return file.string();  // it is there no more
  }
  const std::vector<InputFile> now = input_files(files, root);
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i].path != before[i].path || now[i].hash != before[i].hash) return before[i].path;
  }
  return "";
}

Bytes peak_rss() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {static_cast<double>(usage.ru_maxrss) * 1024};
}

}  // namespace windtunnel
