// Any bytes as a file of measurements; the first byte chooses the table; and as an
// overlap matrix.
#include <cstddef>
#include <cstdint>
#include <string>

#include "simulator/base/csv_file.h"
#include "simulator/hardware/measurement_table.h"
#include "simulator/hardware/overlap_matrix.h"
#include "simulator/hardware/table_rules.h"
#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto& rules = windtunnel::table_rules();
  const windtunnel::TableRule& rule = rules[data[0] % rules.size()];
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  windtunnel::must_read_or_report("fuzz.csv:", [&] {
    windtunnel::make_measurement_table(rule, windtunnel::parse_csv(text, "fuzz.csv"));
  });
  windtunnel::must_read_or_report("fuzz.csv:", [&] {
    windtunnel::make_overlap_matrix(windtunnel::parse_csv(text, "fuzz.csv"));
  });
  return 0;
}
