#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "simulator/base/csv_file.h"
#include "simulator/base/error.h"
#include "simulator/cli/command.h"
#include "simulator/hardware/table_price.h"

namespace windtunnel {
namespace {

struct Options {
  std::string table;
  std::string gpu;
  std::string shapes;
  std::string shape;
};

/// `m=4096,n=7168` as a table of one row.
CsvTable one_shape(const std::string& text) {
  std::string header;
  std::string row;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    const auto [key, value] = parse_pair("--shape", text.substr(start, end - start));
    header += (header.empty() ? "" : ",") + key;
    row += (row.empty() ? "" : ",") + value;
    start = end + 1;
  }
  return parse_csv(header + "\n" + row + "\n", "--shape");
}

ExitCode run_price(const Options& options, const Environment& environment) {
  if (options.shapes.empty() == options.shape.empty()) {
    throw UsageError("price needs either --shapes FILE.csv or --shape key=value,...");
  }
  const CsvTable shapes =
      options.shapes.empty() ? one_shape(options.shape) : load_csv(options.shapes);
  const MeasurementStore store = open_measurements(environment.root / "bench/measurements",
                                                   load_gpus(environment.root / "topologies/gpus"));
  const auto rows = price_rows(store, options.table, options.gpu, shapes);
  write_output("-", priced_csv(options.table, shapes, rows));
  return ExitCode::kFine;
}

}  // namespace

Command add_price(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("price", "Price kernel shapes from the measured tables");
  command->add_option("TABLE", options->table, "gemm, moe, mla_decode, nccl, ...")->required();
  command->add_option("--gpu", options->gpu, "a100, a800, h100, h200, h800")->required();
  command->add_option("--shapes", options->shapes, "CSV file, a shape a row");
  command->add_option("--shape", options->shape, "one shape: m=4096,n=7168,k=2048,...");
  command->footer(
      "Examples:\n"
      "  windtunnel price gemm --gpu h800 --shape dtype=bfloat16,m=4096,n=7168,k=2048\n"
      "  windtunnel price mla_decode --gpu h200 --shapes shapes.csv");
  return [options, &environment] { return run_price(*options, environment); };
}

}  // namespace windtunnel
