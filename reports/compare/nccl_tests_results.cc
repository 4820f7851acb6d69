#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "reports/compare/result_file.h"

namespace windtunnel {
namespace {

constexpr double kMicrosecond = 1e-6;

/// `all_reduce_perf/float/sum/bytes:8388608/out_of_place`.
std::string name_of(const JsonFile& file, const JsonValue& row, const std::string& program,
                    const char* place) {
  const std::string redop = json_text(file, row, "redop");
  return fmt::format("{}/{}{}/bytes:{:.0f}/{}", program, json_text(file, row, "type"),
                     redop.empty() || redop == "none" ? "" : "/" + redop,
                     json_number(file, row, "size").value_or(0), place);
}

BenchmarkSamples samples_of(const JsonFile& file, const JsonValue& row, const JsonValue& result,
                            const std::string& place, std::string name) {
  BenchmarkSamples samples{
      .name = std::move(name), .seconds = {}, .mhz = {}, .code = "", .failure = ""};
  if (const JsonValue* iterations = find_json(row, place + "_per_iter")) {
    for (const double us : json_numbers(file, *iterations, "times_us")) {
      samples.seconds.push_back(us * kMicrosecond);
    }
  }
  if (samples.seconds.empty()) {
    for (const char* key : {"time", "cpu_time"}) {
      const auto time = json_number(file, result, key);
      if (time && samples.seconds.empty()) samples.seconds.push_back(*time * kMicrosecond);
    }
  }
  const double wrong = json_number(file, result, "nwrong").value_or(0);
  if (wrong > 0) samples.failure = fmt::format("{:.0f} wrong elements", wrong);
  return checked(std::move(samples));
}

}  // namespace

ResultSet read_nccl_tests(const JsonFile& file) {
  ResultSet set{};
  set.format = "nccl_tests";
  set.date = json_text(file, file.root, "start_time");
  set.regime = "collectives";
  const JsonValue& config = *find_json(file.root, "config");
  const auto devices = json_objects(file, config, "devices");
  if (!devices.empty()) set.device = json_text(file, *devices.front(), "device_info");
  std::string program = "nccl";
  const JsonValue* arguments = find_json(file.root, "args");
  if (arguments != nullptr && arguments->IsArray() && !arguments->Empty() &&
      (*arguments)[0].IsString()) {
    program = std::filesystem::path((*arguments)[0].GetString()).filename().string();
  }
  for (const JsonValue* row : json_objects(file, file.root, "results")) {
    for (const char* place : {"out_of_place", "in_place"}) {
      const JsonValue* result = find_json(*row, place);
      if (result == nullptr || !result->IsObject()) continue;
      set.benchmarks.push_back(
          samples_of(file, *row, *result, place, name_of(file, *row, program, place)));
    }
  }
  return set;
}

}  // namespace windtunnel
