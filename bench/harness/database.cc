#include "bench/harness/database.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "simulator/results/schema.h"

namespace windtunnel::bench {
namespace {

std::string joined(const std::vector<std::string>& notes) {
  std::string all;
  for (const std::string& note : notes) all += (all.empty() ? "" : "; ") + note;
  return all;
}

void insert_result(SqlFile& file, std::int64_t id_of_run, const Run& run, const Result& result) {
  const KernelShape& shape = result.item.shape;
  const auto summary = summarize_ns(result.collected.samples);
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double median = summary ? summary->median : none;
  const double noise = summary ? summary->noise : none;
  const std::int64_t id = file.insert(
      "result (run, kernel, operation, dtype, implementation, m, n, k, groups, data, launches, "
      "buffer_sets, wrong, throttled, broken, notes, median_ns, noise, code)",
      {id_of_run, kernel_name(result.item), std::string(operation_name(shape.operation)),
       std::string(dtype_name(shape.dtype)), result.item.implementation, shape.m, shape.n, shape.k,
       shape.groups, std::string(data_name(result.item.data)), std::int64_t{result.plan.launches},
       std::int64_t{result.plan.buffer_sets}, result.wrong,
       std::int64_t{result.collected.throttled}, std::int64_t{result.collected.broken},
       joined(result.collected.notes), median, noise, code_of(run, result.item)});
  std::int64_t place = 0;
  for (const Sample& sample : result.collected.samples) {
    file.insert("sample (result, place, ns, mhz)", {id, place++, sample.ns, sample.mhz});
  }
}

}  // namespace

std::int64_t insert_run(SqlFile& file, const Machine& machine, const std::string& commit,
                        const std::string& date, std::string_view regime) {
  make_tables(file);
  return file.insert("run (date, gpu, device, driver, cuda, commit_sha, regime, default_mhz)",
                     {date, machine.gpu, machine.device, machine.driver, machine.cuda, commit,
                      std::string(regime), machine.default_mhz});
}

void append_to_database(const std::filesystem::path& path, const Run& run,
                        std::span<const Result> results) {
  SqlFile file(path);
  file.execute("BEGIN IMMEDIATE");
  const std::int64_t id =
      insert_run(file, run.machine, run.commit, run.date, regime_name(run.regime));
  for (const Result& result : results) insert_result(file, id, run, result);
  file.execute("COMMIT");
}

}  // namespace windtunnel::bench
