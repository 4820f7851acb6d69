#include "reports/compare/result_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "simulator/base/hash.h"

namespace windtunnel {
namespace {

constexpr const char* kFormats =
    "windtunnel-bench, windtunnel-collectives, Google Benchmark, nvbench or nccl-tests JSON";

}  // namespace

bool has_schema(const JsonFile& file, std::string_view schema) {
  const JsonValue* said = find_json(file.root, "schema");
  return said != nullptr && said->IsString() &&
         std::string_view(said->GetString(), said->GetStringLength()) == schema;
}

ResultSet read_results(const JsonFile& file) {
  const auto has = [&](const char* key) { return find_json(file.root, key) != nullptr; };
  const auto read = [&] {
    if (has_schema(file, "windtunnel/bench") || has_schema(file, "windtunnel/collectives")) {
      return read_windtunnel(file);
    }
    if (has("benchmarks") && has("devices")) return read_nvbench(file);
    if (has("benchmarks")) return read_google_benchmark(file);
    if (has("results") && has("config")) return read_nccl_tests(file);
    reject_json(file, file.root, "no file of benchmark results", kFormats);
  };
  ResultSet set = read();
  if (set.benchmarks.empty()) {
    reject_json(file, file.root, "no benchmark is in it", "a file with results");
  }
  set.path = file.source->path;
  set.hash = content_hash(file.source->text);
  return set;
}

ResultSet load_results(const std::filesystem::path& path) { return read_results(load_json(path)); }

BenchmarkSamples checked(BenchmarkSamples samples) {
  const auto unsound = [](double value) { return !std::isfinite(value) || value <= 0; };
  if (samples.mhz.size() != samples.seconds.size() ||
      std::any_of(samples.mhz.begin(), samples.mhz.end(), unsound)) {
    samples.mhz.clear();  // times are still fine
  }
  const auto found = std::find_if(samples.seconds.begin(), samples.seconds.end(), unsound);
  if (found != samples.seconds.end() && samples.failure.empty()) {
    samples.failure =
        fmt::format("sample {} is no positive finite time", found - samples.seconds.begin() + 1);
  }
  if (samples.seconds.empty() && samples.failure.empty()) samples.failure = "no samples";
  if (!samples.failure.empty()) samples.seconds.clear();
  if (samples.seconds.empty()) samples.mhz.clear();
  return samples;
}

}  // namespace windtunnel
