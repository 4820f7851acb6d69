#include "simulator/profile/kineto_time.h"

#include <charconv>
#include <cmath>

namespace windtunnel {
namespace {

// Microseconds of a start (some centuries since 1970). Lengths have a limit of their own, so that
// sums stay in range (kineto_file.cc).
constexpr std::int64_t kMost = INT64_MAX / 1000 / 4;

std::optional<std::int64_t> parse_with_exponent(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) ||
      std::abs(value) > static_cast<double>(kMost)) {
    return std::nullopt;
  }
  return std::llround(value * 1000);
}

}  // namespace

std::optional<std::int64_t> parse_microseconds(std::string_view text) {
  std::int64_t whole = 0;
  const bool negative = text.starts_with('-');
  const char* end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, whole);
  if (error != std::errc() || whole > kMost || whole < -kMost) return std::nullopt;
  std::int64_t thousandths = 0;
  if (at != end && *at == '.') {
    ++at;
    int digits = 0;
    for (; at != end && *at >= '0' && *at <= '9'; ++at, ++digits) {
      if (digits < 3) thousandths = thousandths * 10 + (*at - '0');
      if (digits == 3 && *at >= '5') ++thousandths;
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 3; ++digits) thousandths *= 10;
  }
  if (at != end) return parse_with_exponent(text);
  return whole * 1000 + (negative ? -thousandths : thousandths);
}

}  // namespace windtunnel
