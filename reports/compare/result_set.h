// What a file of benchmark results says, whichever tool wrote it.
#pragma once

#include <string>
#include <vector>

namespace windtunnel {

/// One benchmark with its samples in the order in which they were taken: seconds of one run, and
/// beside each the SM clock in MHz where the tool recorded it (else `mhz` is empty).
struct BenchmarkSamples {
  std::string name;
  std::vector<double> seconds;
  std::vector<double> mhz;
  std::string code;     ///< hash of the code that ran; empty where unknown
  std::string failure;  ///< why there are no samples, or why they don't count; empty when fine
};

/// A whole file. What the tool doesn't say is empty.
struct ResultSet {
  std::string path;
  std::string hash;    ///< XXH3-128 of the file
  std::string format;  ///< "windtunnel", "google_benchmark", "nvbench", "nccl_tests"
  std::string device;
  std::string driver;
  std::string cuda;
  std::string commit;
  std::string date;  ///< as the tool wrote it
  std::string regime;
  std::vector<BenchmarkSamples> benchmarks;
};

}  // namespace windtunnel
