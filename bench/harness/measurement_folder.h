// Results as a measurement folder, which `windtunnel price` and `simulate` read.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "bench/harness/result.h"

namespace windtunnel::bench {

/// Names and texts of the files below bench/measurements: for each implementation
/// `<gpu>/<implementation>/` (in sustained `<implementation>-sustained`) with manifest.toml,
/// kernels.csv of every kernel, and the tables of simulator/hardware that it has kernels for: gemm,
/// quantize. Only right results with samples, on uniform data. Empty for a GPU without an id.
std::map<std::filesystem::path, std::string> measurement_files(const Run& run,
                                                               std::span<const Result> results);

/// Writes them below `folder`, replacing those of an earlier run. Returns how many.
std::size_t write_files(const std::filesystem::path& folder,
                        const std::map<std::filesystem::path, std::string>& files);

}  // namespace windtunnel::bench
