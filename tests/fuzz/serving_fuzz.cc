// Any bytes as the tables of a deployment that extends the shipped one; what is read must fit into
// a ledger.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "simulator/base/text_file.h"
#include "simulator/workload/serving/memory.h"
#include "simulator/workload/serving/scenario.h"
#include "tests/fuzz/fuzz_check.h"

namespace windtunnel {
namespace {

/// A file of this process alone, beside the scenario that inputs extend.
std::filesystem::path fuzzed_file() {
  static const std::filesystem::path folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "windtunnel_fuzz_XXXXXX").string();
    return std::filesystem::path(mkdtemp(name.data()));
  }();
  return folder / "fuzz.toml";
}

void check(std::string_view input) {
  const std::string base = WINDTUNNEL_SOURCE_DIR "/scenarios/deepseek-v3/serve-units.toml";
  write_file_atomically(fuzzed_file(), "extends = \"" + base + "\"\n" + std::string(input));
  must_read_or_report(".toml:", [] { serving_memory(load_serving(fuzzed_file(), {})); });
}

}  // namespace
}  // namespace windtunnel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  windtunnel::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
