#include "reports/render/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace windtunnel {
namespace {

constexpr std::string_view kNotANumber = "n/a";

std::string with_commas(std::string digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = point; at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

// "-0.0" says nothing that "0.0" does not.
std::string without_negative_zero(std::string digits) {
  const bool zero = digits.find_first_of("123456789") == std::string::npos;
  return zero && digits.starts_with('-') ? digits.substr(1) : digits;
}

struct Scaled {
  double value;
  std::string_view suffix;
};

Scaled scaled(double value) {
  const double size = std::abs(value);
  if (size >= 1e12) return {value / 1e12, " T"};
  if (size >= 1e9) return {value / 1e9, " B"};
  if (size >= 1e6) return {value / 1e6, " M"};
  if (size >= 1e5) return {value / 1e3, " K"};
  return {value, ""};
}

}  // namespace

std::string format_fixed(double value, int decimals) {
  if (!std::isfinite(value)) return std::string(kNotANumber);
  return with_commas(without_negative_zero(fmt::format("{:.{}f}", value, decimals)));
}

std::string format_signed(double value, int decimals) {
  const bool plus = std::isfinite(value) && value > 0;
  return (plus ? "+" : "") + format_fixed(value, decimals);
}

std::string format_significant(double value, int digits) {
  if (!std::isfinite(value)) return std::string(kNotANumber);
  if (value == 0) return "0";
  // The exponent after rounding: 9.996 to three digits is 10.0.
  const std::string rounded = fmt::format("{:.{}e}", std::abs(value), digits - 1);
  const int exponent = std::stoi(rounded.substr(rounded.find('e') + 1));
  const double step = std::pow(10.0, exponent - digits + 1);
  const double kept = step > 1 ? std::round(value / step) * step : value;
  return format_fixed(kept, std::clamp(digits - 1 - exponent, 0, 12));
}

std::string format_short(double value, int digits) {
  std::string text = format_significant(value, digits);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string format_number_of(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string format_count(double value) {
  if (!std::isfinite(value)) return std::string(kNotANumber);
  const Scaled scale = scaled(value);
  if (!scale.suffix.empty()) return format_significant(scale.value, 4) + std::string(scale.suffix);
  return value == std::round(value) ? format_fixed(value, 0) : format_significant(value, 4);
}

std::string format_gpu_hours(double hours) {
  if (!std::isfinite(hours)) return std::string(kNotANumber);
  const Scaled scale = scaled(hours);
  if (!scale.suffix.empty()) return format_significant(scale.value, 4) + std::string(scale.suffix);
  return std::abs(hours) >= 100 ? format_fixed(hours, 0) : format_significant(hours, 3);
}

std::string format_seconds(Seconds time) {
  const double size = std::abs(time.value);
  if (!std::isfinite(time.value)) return std::string(kNotANumber);
  if (size == 0) return "0 s";
  if (size >= 1) return format_significant(time.value, 4) + " s";
  if (size >= 1e-3) return format_significant(time.value * 1e3, 3) + " ms";
  if (size >= 1e-6) return format_significant(time.value * 1e6, 3) + " us";
  return format_significant(time.value * 1e9, 3) + " ns";
}

std::string format_bytes(Bytes bytes) {
  const double gibibytes = bytes.value / kGibibyte;
  if (!std::isfinite(gibibytes)) return std::string(kNotANumber);
  const bool small = std::abs(gibibytes) < 0.1 && gibibytes != 0;
  return small ? format_significant(gibibytes * 1024, 3) + " MiB"
               : format_fixed(gibibytes, 1) + " GiB";
}

std::string format_percent(double fraction) {
  return std::isfinite(fraction) ? format_fixed(fraction * 100, 1) + " %"
                                 : std::string(kNotANumber);
}

std::string format_change(double fraction) {
  const std::string text = format_percent(fraction);
  return std::isfinite(fraction) && !text.starts_with('-') ? "+" + text : text;
}

std::string format_dollars(Dollars amount) {
  const bool negative = amount.value < 0;
  return (negative ? "-$" : "$") + format_gpu_hours(std::abs(amount.value));
}

std::string format_figure(double value, std::string_view unit) {
  if (unit == "s") return format_seconds({value});
  if (unit == "bytes") return format_bytes({value});
  if (unit == "USD") return format_dollars({value});
  const bool small = std::abs(value) < 1e5 && value != std::round(value);
  const std::string number = small ? format_significant(value, 4) : format_count(value);
  return unit == "%" ? number + " %" : number;
}

std::string format_figure(std::optional<double> value, std::string_view unit) {
  return value ? format_figure(*value, unit) : "-";
}

std::string format_change(std::optional<double> fraction) {
  return fraction ? format_change(*fraction) : "-";
}

std::string format_quantity(double value, std::string_view unit) {
  const std::string number = format_figure(value, unit);
  const bool said = unit.empty() || unit == "s" || unit == "bytes" || unit == "USD" || unit == "%";
  return said ? number : number + " " + std::string(unit);
}

std::string format_coordinate(double value) {
  if (!std::isfinite(value)) return "0";
  std::string text = without_negative_zero(fmt::format("{:.1f}", value));
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

double share(double part, double whole) {
  return whole > 0 && std::isfinite(part) ? part / whole : 0;
}

std::string shorten(std::string_view text, int width) {
  const auto starts_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  if (std::count_if(text.begin(), text.end(), starts_character) <= width) return std::string(text);
  std::size_t end = 0;
  for (int characters = -1; end < text.size(); ++end) {
    if (starts_character(text[end]) && ++characters == std::max(width - 3, 0)) break;
  }
  return std::string(text.substr(0, end)) + "...";
}

std::string term_basis(const PricedTerm& term, Basis basis) {
  return term.kind == TermKind::kLaunchGap ? "assumed" : basis_word(basis);
}

std::string basis_word(Basis basis) {
  switch (basis) {
    case Basis::kMeasured:
      return "measured";
    case Basis::kScaled:
      return "scaled";
    case Basis::kEstimated:
      return "estimated";
  }
  return "unknown";
}

}  // namespace windtunnel
