// What a run of the suite leaves behind.
#pragma once

#include <string>
#include <vector>

#include "bench/harness/case.h"
#include "bench/harness/sampling.h"

namespace windtunnel::bench {

/// The GPU and the software on it. `gpu` is the id of topologies/gpus, empty for one without.
struct Machine {
  std::string gpu;
  std::string device;
  std::string driver;
  std::string cuda;
  int sms;
  double default_mhz;
  Bytes l2;
};

/// One run of the program. `commit` and `date` (YYYY-MM-DD) say what ran and when, `code` is the
/// hash of our kernels and of what launches them (code_hash.h), empty where unknown.
struct Run {
  Machine machine;
  std::string commit;
  std::string code;
  std::string date;
  Regime regime;
};

/// One case of it. `wrong` says how the output differed from the reference; then, and where too few
/// samples were accepted, there are no samples.
struct Result {
  Case item;
  SamplePlan plan;
  Collected collected;
  std::string wrong;
};

/// The hash of the code that a case runs; empty for another library's kernels, which `run` can't
/// see.
std::string code_of(const Run& run, const Case& item);

/// `h200` for "NVIDIA H200" and so on; empty for a device without a file in topologies/gpus.
std::string gpu_id(std::string_view device);

}  // namespace windtunnel::bench
