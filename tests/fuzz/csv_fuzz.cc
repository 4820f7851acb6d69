// Any bytes as a CSV file: the answer is a full table or a ConfigError with a place and a caret.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "simulator/base/csv_file.h"
#include "simulator/base/error.h"

namespace windtunnel {
namespace {

template <typename Action>
void run(const Action& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    const std::string_view text = error.what();
    if (!text.starts_with("fuzz.csv:") || text.find("^\n") == std::string_view::npos) std::abort();
  }
}

void check(std::string_view input) {
  run([&] {
    const CsvTable table = parse_csv(std::string(input), "fuzz.csv");
    for (std::size_t row = 0; row < table.row_count(); ++row) {
      for (std::size_t column = 0; column < table.columns.size(); ++column) {
        if (table.source(row, column).line < 2) std::abort();
        run([&] { table.optional_number(row, column); });
        run([&] { table.integer(row, column); });
      }
    }
    table.column("latency_us");
  });
}

}  // namespace
}  // namespace windtunnel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  windtunnel::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
