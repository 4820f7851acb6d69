#include <fmt/format.h>

#include <stdexcept>

#include "simulator/base/csv_file.h"
#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"
#include "simulator/hardware/step_price.h"
#include "simulator/hardware/step_trace.h"

namespace windtunnel {
namespace {

/// step.toml.
struct StepText {
  std::string gpu;
  std::string source;
  int compute_sms;
  NotifyCost notify;
};

Fields<NotifyCost> notify_fields() {
  const Range time = between(Seconds{0}, Seconds{1});
  return Fields<NotifyCost>("notify")
      .required("time", &NotifyCost::time, time, "the barrier's cost once all have arrived")
      .required("low", &NotifyCost::low, time, "80 % interval")
      .required("high", &NotifyCost::high, time, "80 % interval")
      .required("source", &NotifyCost::source, "where that is from");
}

Fields<StepText> step_fields() {
  return Fields<StepText>("step")
      .required("gpu", &StepText::gpu, "the GPU's id")
      .required("source", &StepText::source, "named by every price")
      .required("compute_sms", &StepText::compute_sms, between(1, 1024),
                "SMs that compute kernels ran on")
      .table("notify", &StepText::notify, notify_fields(), "the barrier before a transfer");
}

template <typename T>
T known(const std::optional<T>& found, const CsvTable& table, std::size_t row, std::size_t column) {
  if (found) return *found;
  throw ConfigError(table.source(row, column), "unknown " + table.columns[column]);
}

std::vector<Launch> launches_of(const CsvTable& table, const Gpu& gpu) {
  const std::size_t operation = table.column("operation");
  const std::size_t dtype = table.column("dtype");
  const std::size_t duration = table.column("duration_us");
  const std::size_t m = table.column("m");
  const std::size_t n = table.column("n");
  const std::size_t k = table.column("k");
  const std::size_t groups = table.column("groups");
  std::vector<Launch> launches;
  launches.reserve(table.row_count());
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    const KernelShape shape{
        .operation = known(find_operation(table.cell(row, operation)), table, row, operation),
        .dtype = known(find_dtype(table.cell(row, dtype)), table, row, dtype),
        .m = table.integer(row, m),
        .n = table.integer(row, n),
        .k = table.integer(row, k),
        .groups = table.integer(row, groups)};
    for (const std::size_t size : {m, n, k, groups}) {
      const std::int64_t least = size == m || size == groups ? 1 : 0;
      if (table.integer(row, size) >= least) continue;
      throw ConfigError(table.source(row, size), table.columns[size] + " is out of range",
                        fmt::format("a whole number from {}", least));
    }
    const double microseconds = table.number(row, duration);
    // Whole microseconds: bookkeeping may round down to none.
    const bool rounded_down = microseconds == 0 && shape.operation == Operation::kSmall;
    constexpr double kLeast = 0.001, kLargest = 1e9;
    if (!rounded_down && (microseconds < kLeast || microseconds > kLargest)) {
      throw ConfigError(
          table.source(row, duration),
          microseconds <= 0 ? "duration_us must be positive" : "duration_us is out of range",
          "0.001 to 1e9 microseconds, or 0 of a kernel called `small`");
    }
    if (shape.dtype == Dtype::kFp8 && !gpu.fp8_peak) {
      throw ConfigError(table.source(row, dtype),
                        gpu.name + " has no FP8 tensor cores: its file gives no fp8_peak",
                        "a kernel in another dtype, or a GPU with an fp8_peak");
    }
    launches.push_back({shape, microseconds * 1e-6});
  }
  return launches;
}

StepMeasurements load(const std::filesystem::path& folder, const std::vector<Gpu>& gpus,
                      bool whole) {
  const Node root = load_toml(folder / "step.toml");
  const StepText step = decode(step_fields(), root);
  const Gpu* gpu = find_gpu(gpus, step.gpu);
  if (gpu == nullptr) {
    throw ConfigError(source_of(root, "gpu"), "no GPU is called `" + step.gpu + "`",
                      "the id of a GPU file");
  }
  if (step.compute_sms > gpu->sms) {
    throw ConfigError(source_of(root, "compute_sms"),
                      fmt::format("more than the {} SMs of {}", gpu->sms, gpu->name),
                      fmt::format("at most {}", gpu->sms));
  }
  if (step.notify.low > step.notify.time || step.notify.high < step.notify.time) {
    const bool low = step.notify.low > step.notify.time;
    throw ConfigError(source_of(root, low ? "notify.low" : "notify.high"),
                      "the interval does not hold the time", "low <= time <= high");
  }
  const CsvTable table = load_csv(folder / "train_kernels.csv");
  try {
    return {std::make_shared<const StepTrace>(make_step_trace({.source = step.source,
                                                               .gpu = *gpu,
                                                               .sms = step.compute_sms,
                                                               .notify = step.notify,
                                                               .whole = whole},
                                                              launches_of(table, *gpu)))};
  } catch (const std::invalid_argument& error) {
    throw ConfigError(Source{table.file, 1, 1},
                      fmt::format("the profile cannot price a step: {}", error.what()),
                      "timed kernels of every kind that a training step has");
  }
}

}  // namespace

FileKeys step_keys() { return file_keys(step_fields()); }

StepMeasurements load_step_measurements(const std::filesystem::path& folder,
                                        const std::vector<Gpu>& gpus) {
  return load(folder, gpus, true);
}

StepMeasurements load_profiled_kernels(const std::filesystem::path& folder,
                                       const std::vector<Gpu>& gpus) {
  if (!std::filesystem::is_directory(folder)) {
    throw UsageError(fmt::format("{}: no such folder", folder.string()));
  }
  if (!std::filesystem::exists(folder / "step.toml")) {
    throw UsageError(fmt::format("{}: no kernel there has a shape (import-trace says which would)",
                                 folder.string()));
  }
  return load(folder, gpus, false);
}

}  // namespace windtunnel
