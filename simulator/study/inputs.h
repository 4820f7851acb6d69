// What a projection rests on, and what it took of this machine.
#pragma once

#include <filesystem>
#include <vector>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// The measurements and GPUs of `root`, each folder as one input, and a scenario's own `files`.
std::vector<InputFile> input_files(const std::vector<std::filesystem::path>& files,
                                   const std::filesystem::path& root);

/// The most memory that this process held so far.
Bytes peak_rss();

}  // namespace windtunnel
