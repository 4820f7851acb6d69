#include "simulator/base/quantity_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <vector>

namespace windtunnel {
namespace {

struct Unit {
  std::string_view name;
  double factor;
  bool printed;  // quantity_text uses it
};

constexpr double kKi = 1024;

constexpr Unit kTimes[] = {{"ps", 1e-12, true}, {"ns", 1e-9, true},    {"us", 1e-6, true},
                           {"ms", 1e-3, true},  {"s", 1, true},        {"min", 60, false},
                           {"h", 3600, false},  {"days", 86400, false}};
constexpr Unit kSizes[] = {{"B", 1, true},
                           {"kB", 1e3, true},
                           {"MB", 1e6, true},
                           {"GB", 1e9, true},
                           {"TB", 1e12, true},
                           {"PB", 1e15, true},
                           {"KiB", kKi, false},
                           {"MiB", kKi* kKi, false},
                           {"GiB", kKi* kKi* kKi, false},
                           {"TiB", kKi* kKi* kKi* kKi, false}};
constexpr Unit kFlopUnits[] = {{"FLOP", 1, true},     {"kFLOP", 1e3, true},  {"MFLOP", 1e6, true},
                               {"GFLOP", 1e9, true},  {"TFLOP", 1e12, true}, {"PFLOP", 1e15, true},
                               {"EFLOP", 1e18, true}, {"ZFLOP", 1e21, true}, {"YFLOP", 1e24, true}};
constexpr Unit kCounts[] = {
    {"tokens", 1, true}, {"k", 1e3, false}, {"M", 1e6, true}, {"B", 1e9, true}, {"T", 1e12, true}};
constexpr Unit kMoney[] = {
    {"USD", 1, true}, {"k USD", 1e3, false}, {"M USD", 1e6, true}, {"B USD", 1e9, true}};
// A network's data sheet counts bits; "Gb/s" is left out, it is too near to "GB/s".
constexpr Unit kDataRates[] = {
    {"B/s", 1, true},          {"kB/s", 1e3, true},        {"MB/s", 1e6, true},
    {"GB/s", 1e9, true},       {"TB/s", 1e12, true},       {"PB/s", 1e15, true},
    {"KiB/s", kKi, false},     {"MiB/s", kKi* kKi, false}, {"GiB/s", kKi* kKi* kKi, false},
    {"Gbit/s", 0.125e9, false}};
constexpr Unit kFlopRates[] = {{"FLOPS", 1, true},       {"GFLOPS", 1e9, true},
                               {"TFLOPS", 1e12, true},   {"PFLOPS", 1e15, true},
                               {"EFLOPS", 1e18, true},   {"FLOP/s", 1, false},
                               {"GFLOP/s", 1e9, false},  {"TFLOP/s", 1e12, false},
                               {"PFLOP/s", 1e15, false}, {"EFLOP/s", 1e18, false}};

struct Row {
  std::string_view name;
  std::string_view example;
  std::span<const Unit> units;
};

Row row(Dimension dimension) {
  switch (dimension) {
    case Dimension::kSeconds:
      return {"a duration", "\"2 us\"", kTimes};
    case Dimension::kBytes:
      return {"a size", "\"80 GB\"", kSizes};
    case Dimension::kFlops:
      return {"an amount of arithmetic", "\"2.5 TFLOP\"", kFlopUnits};
    case Dimension::kTokens:
      return {"a number of tokens", "\"14.8 T\"", kCounts};
    case Dimension::kDollars:
      return {"an amount of money", "\"2 USD\"", kMoney};
    case Dimension::kBytesPerSecond:
      return {"a data rate", "\"400 GB/s\"", kDataRates};
    case Dimension::kFlopsPerSecond:
      break;
  }
  return {"a rate of arithmetic", "\"989.4 TFLOPS\"", kFlopRates};
}

}  // namespace

std::optional<double> parse_quantity(std::string_view text, Dimension dimension) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (dimension == Dimension::kTokens && text.ends_with(" tokens")) {
    text.remove_suffix(std::string_view(" tokens").size());
  }
  for (const Unit& unit : row(dimension).units) {
    const double value = number * unit.factor;
    if (text == unit.name && std::isfinite(value)) return value;
  }
  return std::nullopt;
}

std::string quantity_text(double value, Dimension dimension) {
  const Unit* best = nullptr;
  for (const Unit& unit : row(dimension).units) {
    if (!unit.printed) continue;
    if (!best || std::abs(value) >= unit.factor * (1 - 1e-9)) best = &unit;
  }
  // Nothing is measured in picoseconds unless it is that short; zero reads best in the base unit.
  if (value == 0) {
    const auto units = row(dimension).units;
    best = &*std::find_if(units.begin(), units.end(), [](const Unit& u) { return u.factor == 1; });
  }
  return fmt::format("{:.6g} {}", value / best->factor, best->name);
}

std::string dimension_name(Dimension dimension) { return std::string(row(dimension).name); }

std::string dimension_units(Dimension dimension) {
  std::vector<std::string_view> names;
  for (const Unit& unit : row(dimension).units) names.push_back(unit.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string dimension_pattern(Dimension dimension, bool negative) {
  std::vector<std::string_view> names;
  for (const Unit& unit : row(dimension).units) names.push_back(unit.name);
  return fmt::format("^{}([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)? *({}){}$",
                     negative ? "-?" : "", fmt::join(names, "|"),
                     dimension == Dimension::kTokens ? "( tokens)?" : "");
}

std::string dimension_example(Dimension dimension) { return std::string(row(dimension).example); }

}  // namespace windtunnel
