// Any bytes as a file of benchmark results, and as a projection compared with itself.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "reports/compare/projection_difference.h"
#include "reports/compare/result_file.h"
#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  windtunnel::must_read_or_report("fuzz.json:", [&] {
    for (const auto& it :
         windtunnel::read_results(windtunnel::parse_json(text, "fuzz.json")).benchmarks) {
      for (const double seconds : it.seconds) {
        if (!std::isfinite(seconds) || seconds <= 0) std::abort();
      }
      if (!it.mhz.empty() && it.mhz.size() != it.seconds.size()) std::abort();
    }
  });
  windtunnel::must_read_or_report("fuzz.json:", [&] {
    const windtunnel::JsonFile file = windtunnel::parse_json(text, "fuzz.json");
    if (!windtunnel::compare_projections(file, file, {}).fields.empty()) std::abort();
  });
  return 0;
}
