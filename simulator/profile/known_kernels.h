// Kernels whose shapes are known from a profile that somebody read: the same kernels in the same
// order with the same grids have the same shapes.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernels/shapes/ops.h"
#include "simulator/profile/profile.h"

namespace windtunnel {

/// A kernel of a known order: its name as known_name() has it, its grid as `128x32x1`.
struct KnownKernel {
  std::string name;
  std::string grid;
  KernelShape shape;
};

/// The kernels of one phase of one layer on one stream.
struct KnownSequence {
  std::string phase;
  std::vector<KnownKernel> kernels;
};

/// Reads `folder`/train_kernels.csv; throws ConfigError.
std::vector<KnownSequence> load_known_sequences(const std::filesystem::path& folder);

/// A name as that table has it: without `void `, commas as semicolons, cut to 90 characters.
std::string known_name(std::string_view name);

/// What a kernel of a profile was recognised as.
struct Recognised {
  const KnownSequence* sequence;
  const KnownKernel* kernel;
};

/// The kernels that stand in a whole sequence, by their spans. Of several sequences that match at a
/// place the longest counts; equal ones, which only the rows of a layer tell apart, take turns as
/// layers do.
std::unordered_map<const Span*, Recognised> recognise(const Profile& profile,
                                                      const std::vector<KnownSequence>& sequences);

}  // namespace windtunnel
