#include <fmt/format.h>

#include <utility>

#include "reports/compare/result_file.h"

namespace windtunnel {
namespace {

std::string name_of(const JsonFile& file, const JsonValue& result, bool collectives) {
  if (!collectives) return json_text(file, result, "name");
  return fmt::format("{}/{}/bytes:{:.0f}", json_text(file, result, "operation"),
                     json_text(file, result, "skew"),
                     json_number(file, result, "bytes").value_or(0));
}

BenchmarkSamples samples_of(const JsonFile& file, const JsonValue& result, bool collectives) {
  BenchmarkSamples out{.name = name_of(file, result, collectives),
                       .seconds = {},
                       .mhz = {},
                       .code = json_text(file, result, "code"),
                       .failure = ""};
  if (const JsonValue* samples = find_json(result, "samples")) {
    for (const double ns : json_numbers(file, *samples, "ns")) out.seconds.push_back(ns * 1e-9);
    out.mhz = json_numbers(file, *samples, "mhz");
  }
  const std::string wrong = json_text(file, result, "wrong");
  if (!wrong.empty()) out.failure = "wrong: " + wrong;
  return checked(std::move(out));
}

}  // namespace

ResultSet read_windtunnel(const JsonFile& file) {
  const JsonValue& root = file.root;
  const bool collectives = has_schema(file, "windtunnel/collectives");
  ResultSet set{.path = "",
                .hash = "",
                .format = "windtunnel",
                .device = json_text(file, root, "device"),
                .driver = json_text(file, root, "driver"),
                .cuda = json_text(file, root, "cuda"),
                .commit = json_text(file, root, "commit"),
                .date = json_text(file, root, "date"),
                .regime = collectives ? "collectives" : json_text(file, root, "regime"),
                .benchmarks = {}};
  for (const JsonValue* result : json_objects(file, root, "results")) {
    set.benchmarks.push_back(samples_of(file, *result, collectives));
  }
  return set;
}

}  // namespace windtunnel
