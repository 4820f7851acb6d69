// Compute beside communication on one GPU: which pairs are measured, and the table that
// simulator/hardware/overlap_matrix.h reads.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "bench/harness/result.h"

namespace windtunnel::bench {

/// A kernel planned for `compute_sms`, and virtual ranks that share `communication_sms`; with none
/// of these only the kernel, on all SMs.
struct OverlapPair {
  KernelShape compute;
  KernelShape communication;
  int compute_sms;
  int communication_sms;
};

/// Medians, in microseconds; of `communication_sms` 0 only the first.
struct OverlapTimes {
  double compute_alone;
  double compute_beside;
  double communication_alone;
  double communication_beside;
};

struct OverlapResult {
  OverlapPair pair;
  OverlapTimes times;
  std::string note;  ///< why there are no times; else empty
};

/// A class of kernels each, beside dispatch and combine: communication gets 20 SMs, as in
/// DeepSeek-V3's training step, 24, as in DeepEP, or none.
std::vector<OverlapPair> overlap_pairs(int gpu_sms);

/// `gemm/fp8 on 112 SMs beside loopback_dispatch/fp8 on 20`.
std::string pair_name(const OverlapPair& pair);

/// One line a pair: times, and both slow-downs.
std::string overlap_table(const Run& run, std::span<const OverlapResult> results);

/// <gpu>/windtunnel-overlap/ with manifest.toml and overlap.csv; empty for a GPU without an id and
/// without a result.
std::map<std::filesystem::path, std::string> overlap_files(const Run& run,
                                                           std::span<const OverlapResult> results);

}  // namespace windtunnel::bench
