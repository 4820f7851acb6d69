// What a projection rests on, and what it took of this machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// The measurements and GPUs of `root`, each folder as one input, a scenario's own `files`, and the
/// files of the user's `measurements`.
std::vector<InputFile> input_files(const std::vector<std::filesystem::path>& files,
                                   const std::filesystem::path& root,
                                   const std::filesystem::path& measurements = {});

/// The first of `files` and the shipped ones that is not what it was in `before`, made of the same;
/// empty for none.
std::string changed_input(const std::vector<std::filesystem::path>& files,
                          const std::filesystem::path& root, const std::vector<InputFile>& before);

/// The most memory that this process held so far.
Bytes peak_rss();

}  // namespace windtunnel
