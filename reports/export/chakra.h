// The step as a graph that other simulators run: a Chakra execution trace (MLCommons) a GPU, which
// ASTRA-sim loads.
#pragma once

#include <filesystem>
#include <functional>

#include "simulator/study/traced_step.h"

namespace windtunnel {

/// Bytes a node takes: measured on DeepSeek-V3's step.
inline constexpr double kChakraNodeBytes = 110;

/// How many files, and how many bytes in them.
struct ChakraSize {
  int files;
  double bytes;
};

/// What write_chakra would write.
ChakraSize chakra_size(const TracedStep& traced);

/// Writes `prefix`.<GPU>.et for every GPU of the cluster, and `prefix`.groups.json, the members of
/// the communicator groups (ASTRA-sim's --comm-group-configuration). `traced` must be full. Compute
/// nodes carry their time in whole microseconds whose sum does not drift, the exact one as
/// `duration_ns`, FLOPs and bytes; sends and receives meet by their tag. Throws UsageError. Where
/// `stopped` says so, takes away what it has written, since a part of a set is none, and returns
/// false.
bool write_chakra(const TracedStep& traced, const std::filesystem::path& prefix,
                  const std::function<bool()>& stopped = {});

}  // namespace windtunnel
