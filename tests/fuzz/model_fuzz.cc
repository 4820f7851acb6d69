// Any bytes as a model file; what is read can be counted.
#include <cstddef>
#include <cstdint>
#include <string>

#include "simulator/base/toml_file.h"
#include "simulator/model/architecture.h"
#include "simulator/model/parameters.h"
#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  windtunnel::must_read_or_report("fuzz.toml:", [&] {
    const windtunnel::Architecture model =
        windtunnel::decode_architecture(windtunnel::parse_toml(text, "fuzz.toml"));
    if (windtunnel::parameters(model).total < 0) std::abort();
  });
  return 0;
}
