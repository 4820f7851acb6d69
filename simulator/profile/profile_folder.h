// A profile as a measurement folder: its kernels, and those of a training step's vocabulary as a
// table that prices the next simulation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "kernels/shapes/ops.h"
#include "simulator/hardware/gpu.h"
#include "simulator/profile/known_kernels.h"
#include "simulator/profile/profile.h"

namespace windtunnel {

/// One launch whose shape is known: its own name or an annotation around it says it in the words of
/// kernel_text ("gemm fp8 m=4096 n=1536 k=7168"; an annotation's kernels count as one), or it
/// stands in a known sequence.
struct ShapedLaunch {
  std::string phase;  ///< the annotation around that; empty where there is none
  std::string kernel;
  std::string grid;
  bool communication;
  KernelShape shape;
  std::int64_t nanoseconds;
};

/// Those of a profile, in order of stream and time.
struct ShapedLaunches {
  std::vector<ShapedLaunch> launches;
  std::int64_t kernels = 0;           ///< that are in them
  std::int64_t recognised = 0;        ///< of these, by a known sequence
  std::int64_t unshaped_kernels = 0;  ///< the others
  std::int64_t nanoseconds = 0;
  std::int64_t unshaped_nanoseconds = 0;
};

ShapedLaunches shaped_launches(const Profile& profile, const std::vector<KnownSequence>& sequences);

/// SMs that communication kernels hold, by the blocks of the grid that they mostly have; 0 where
/// the profile has none.
int communication_sms(const Profile& profile);

/// The GPU of `gpus` that the driver's name `device` means ("NVIDIA H800"): the longest id among
/// its words; null where none is.
const Gpu* gpu_of_device(const std::vector<Gpu>& gpus, std::string_view device);

/// Where a folder's numbers come from.
struct FolderOrigin {
  std::string profile;  ///< the file
  std::string device;   ///< as the driver calls it
  std::string date;     ///< of the import
  int compute_sms;
};

/// Names and texts of the folder's files: manifest.toml, kernels.csv (every kernel by name and
/// grid), and, where launches have shapes, train_kernels.csv and step.toml, which `simulate
/// --measurements` reads.
std::map<std::filesystem::path, std::string> profile_files(const Profile& profile,
                                                           const ShapedLaunches& shaped,
                                                           const Gpu& gpu,
                                                           const FolderOrigin& origin);

}  // namespace windtunnel
