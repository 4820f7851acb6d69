#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <utility>

#include "reports/compare/result_file.h"

namespace windtunnel {
namespace {

/// Seconds in a unit of time; without one it is nanoseconds.
double unit_of(const JsonFile& file, const JsonValue& row) {
  const std::string unit = json_text(file, row, "time_unit");
  if (unit.empty() || unit == "ns") return 1e-9;
  if (unit == "us") return 1e-6;
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1;
  reject_json(file, json_place(row, "time_unit"), fmt::format("unknown time unit `{}`", unit),
              "ns, us, ms or s");
}

bool is_aggregate(const JsonFile& file, const JsonValue& row) {
  return json_text(file, row, "run_type") == "aggregate";
}

/// Rows of one name, gathered in the order of their first appearance.
class Gathered {
 public:
  BenchmarkSamples& of(const std::string& name) {
    const auto [found, fresh] = places_.emplace(name, all.size());
    if (fresh) all.push_back({.name = name, .seconds = {}, .mhz = {}, .code = "", .failure = ""});
    return all[found->second];
  }

  std::vector<BenchmarkSamples> all;

 private:
  std::unordered_map<std::string, std::size_t> places_;
};

void add(const JsonFile& file, const JsonValue& row, Gathered& gathered) {
  const std::string run = json_text(file, row, "run_name");
  const std::string name = run.empty() ? json_text(file, row, "name") : run;
  if (name.empty()) reject_json(file, row, "a benchmark has no `name`", "a name for each");
  BenchmarkSamples& samples = gathered.of(name);
  if (json_flag(row, "error_occurred") || json_flag(row, "skipped")) {
    std::string why = json_text(file, row, "error_message");
    if (why.empty()) why = json_text(file, row, "skip_message");
    samples.failure = why.empty() ? "it reports an error" : why;
    return;
  }
  const std::optional<double> time = json_number(file, row, "real_time");
  if (!time) reject_json(file, json_place(row, "name"), "no `real_time`", "its time");
  samples.seconds.push_back(*time * unit_of(file, row));
  if (const auto mhz = json_number(file, row, "mhz")) samples.mhz.push_back(*mhz);
}

}  // namespace

ResultSet read_google_benchmark(const JsonFile& file) {
  const JsonValue none(rapidjson::kObjectType);
  const JsonValue* said = find_json(file.root, "context");
  const JsonValue& context = said != nullptr ? *said : none;
  const auto text = [&](const char* key) { return json_text(file, context, key); };
  ResultSet set{.path = "",
                .hash = "",
                .format = "google_benchmark",
                .device = text("gpu").empty() ? text("host_name") : text("gpu"),
                .driver = text("driver"),
                .cuda = text("cuda"),
                .commit = text("commit"),
                .date = text("date"),
                .regime = text("regime"),
                .benchmarks = {}};
  const auto rows = json_objects(file, file.root, "benchmarks");
  Gathered gathered;
  for (const JsonValue* row : rows) {
    if (!is_aggregate(file, *row)) add(file, *row, gathered);
  }
  // Of a file of aggregates the median is one sample: too little for a verdict, but a history.
  if (gathered.all.empty()) {
    for (const JsonValue* row : rows) {
      if (json_text(file, *row, "aggregate_name") == "median") add(file, *row, gathered);
    }
  }
  for (BenchmarkSamples& samples : gathered.all) {
    samples.code = text("code");
    set.benchmarks.push_back(checked(std::move(samples)));
  }
  return set;
}

}  // namespace windtunnel
