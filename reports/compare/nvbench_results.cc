#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "reports/compare/result_file.h"
#include "simulator/base/error.h"
#include "simulator/base/text_file.h"

namespace windtunnel {
namespace {

/// The summary with this tag, or null.
const JsonValue* summary_of(const JsonFile& file, const JsonValue& state, std::string_view tag) {
  const JsonValue* summaries = find_json(state, "summaries");
  if (summaries == nullptr || !summaries->IsArray()) return nullptr;
  for (const JsonValue* summary : json_objects(file, state, "summaries")) {
    if (json_text(file, *summary, "tag") == tag) return summary;
  }
  return nullptr;
}

/// The named value in a summary's `data`, or null.
const JsonValue* data_of(const JsonFile& file, const JsonValue& summary, std::string_view name) {
  for (const JsonValue* value : json_objects(file, summary, "data")) {
    if (json_text(file, *value, "name") == name) return value;
  }
  return nullptr;
}

std::optional<double> figure(const JsonFile& file, const JsonValue& state, std::string_view tag) {
  const JsonValue* summary = summary_of(file, state, tag);
  const JsonValue* value = summary == nullptr ? nullptr : data_of(file, *summary, "value");
  return value == nullptr ? std::nullopt : json_number(file, *value, "value");
}

/// 32-bit little-endian floats from the file that the summary names; empty without one.
std::vector<double> beside(const JsonFile& file, const JsonValue& state, std::string_view tag) {
  const JsonValue* summary = summary_of(file, state, tag);
  const JsonValue* name = summary == nullptr ? nullptr : data_of(file, *summary, "filename");
  if (name == nullptr) return {};
  const std::filesystem::path folder = std::filesystem::path(file.source->path).parent_path();
  const std::filesystem::path path = folder / json_text(file, *name, "value");
  if (!std::filesystem::is_regular_file(path)) {
    reject_json(file, json_place(*name, "value"), fmt::format("no file `{}`", path.string()),
                "the file that nvbench wrote beside this one");
  }
  const std::string bytes = read_text_file(path, {file.source, 1, 1});
  const JsonValue* size = data_of(file, *summary, "size");
  const double wanted = size == nullptr ? -1 : json_number(file, *size, "value").value_or(-1);
  if (static_cast<double>(bytes.size()) != 4 * wanted) {
    reject_json(file, json_place(*name, "value"),
                fmt::format("`{}` has {} bytes, {} samples of 4 are said to be in it",
                            path.string(), bytes.size(), wanted),
                "the file that nvbench wrote beside this one");
  }
  std::vector<double> values;
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t word = 0;
    for (std::size_t i = 4; i > 0; --i) {
      word = word << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
    }
    values.push_back(static_cast<double>(std::bit_cast<float>(word)));
  }
  return values;
}

/// `name/BlockSize=256/T=F32`, and the device where there are several.
std::string name_of(const JsonFile& file, const JsonValue& benchmark, const JsonValue& state,
                    bool several) {
  std::string name = json_text(file, benchmark, "name");
  if (several) {
    name += fmt::format("/device={:.0f}", json_number(file, state, "device").value_or(0));
  }
  for (const JsonValue* axis : json_objects(file, state, "axis_values")) {
    const JsonValue* value = find_json(*axis, "value");
    const std::string shown =
        value == nullptr    ? ""
        : value->IsString() ? json_text(file, *axis, "value")
                            : fmt::format("{}", json_number(file, *axis, "value").value_or(0));
    name += fmt::format("/{}={}", json_text(file, *axis, "name"), shown);
  }
  return name;
}

BenchmarkSamples samples_of(const JsonFile& file, const JsonValue& state, std::string name) {
  BenchmarkSamples samples{
      .name = std::move(name), .seconds = {}, .mhz = {}, .code = "", .failure = ""};
  if (json_flag(state, "is_skipped")) {
    const std::string why = json_text(file, state, "skip_reason");
    samples.failure = why.empty() ? "skipped" : "skipped: " + why;
    return samples;
  }
  samples.seconds = beside(file, state, "nv/json/bin:nv/cold/sample_times");
  for (const double hertz : beside(file, state, "nv/json/freqs-bin:nv/cold/sample_freqs")) {
    samples.mhz.push_back(hertz * 1e-6);
  }
  if (samples.seconds.empty()) {
    for (const char* tag :
         {"nv/cold/time/gpu/median", "nv/cold/time/gpu/mean", "nv/cold/time/cpu/mean"}) {
      if (!samples.seconds.empty()) break;
      if (const auto time = figure(file, state, tag)) samples.seconds.push_back(*time);
    }
  }
  return checked(std::move(samples));
}

}  // namespace

ResultSet read_nvbench(const JsonFile& file) {
  const auto devices = json_objects(file, file.root, "devices");
  ResultSet set{};
  set.format = "nvbench";
  if (!devices.empty()) set.device = json_text(file, *devices.front(), "name");
  for (const JsonValue* benchmark : json_objects(file, file.root, "benchmarks")) {
    for (const JsonValue* state : json_objects(file, *benchmark, "states")) {
      set.benchmarks.push_back(
          samples_of(file, *state, name_of(file, *benchmark, *state, devices.size() > 1)));
    }
  }
  return set;
}

}  // namespace windtunnel
