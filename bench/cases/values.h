// Between the references' doubles and a device's buffers, and what differs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/harness/case.h"
#include "kernels/device/launch.h"
#include "kernels/ops/matrix.h"
#include "kernels/ops/vector.cuh"
#include "kernels/testing/data.h"

namespace windtunnel::bench {

template <typename T>
using SharedBuffer = std::shared_ptr<device::Buffer<T>>;

template <typename T>
SharedBuffer<T> upload(device::Gpu& gpu, const std::vector<T>& values, const char* name) {
  return std::make_shared<device::Buffer<T>>(gpu, values, name);
}

/// Host data that a check still needs later.
template <typename T>
std::shared_ptr<const std::vector<T>> share(std::vector<T> values) {
  return std::make_shared<const std::vector<T>>(std::move(values));
}

template <typename T>
SharedBuffer<T> output(device::Gpu& gpu, std::int64_t count, const char* name) {
  return std::make_shared<device::Buffer<T>>(gpu, static_cast<std::size_t>(count), name);
}

/// Uniform in [-1, 1), or zeros; each value is one that the format holds. Behind a million they
/// repeat, which takes less time, and no row of a matrix begins as its neighbours do.
template <typename T>
std::vector<T> inputs(std::int64_t count, Data data, std::uint64_t seed) {
  constexpr std::size_t kPeriod = 1'000'003;  // a prime
  std::vector<T> values(static_cast<std::size_t>(count));
  if (data == Data::kZeros) return values;
  generate::Random random(seed);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i >= kPeriod) {
      values[i] = values[i - kPeriod];
    } else if constexpr (sizeof(T) == 1) {
      values[i] = device::to_e4m3(static_cast<float>(random.real(-1, 1)));
    } else {
      values[i] = device::to_bf16(static_cast<float>(random.real(-1, 1)));
    }
  }
  return values;
}
inline std::vector<device::bf16> bf16_inputs(std::int64_t count, Data data, std::uint64_t seed) {
  return inputs<device::bf16>(count, data, seed);
}

inline std::vector<float> positive_floats(std::int64_t count, std::uint64_t seed) {
  std::vector<float> values(static_cast<std::size_t>(count));
  generate::Random random(seed);
  for (float& value : values) value = static_cast<float>(random.real(0.1, 1));
  return values;
}

/// Words that tokens may be: DeepSeek-V3's, or as few as there are tokens.
inline std::int64_t vocabulary(std::int64_t tokens) {
  constexpr std::int64_t kWords = 129280;
  return tokens < 1024 ? tokens : kWords;
}

/// Some words come twice.
inline std::vector<device::i32> some_tokens(std::int64_t count, std::int64_t words) {
  std::vector<device::i32> tokens;
  for (std::int64_t i = 0; i < count; ++i) {
    tokens.push_back(static_cast<device::i32>(i / 2 * 7919 % words));
  }
  return tokens;
}

template <typename T>
T not_a_number() {
  const auto value = std::numeric_limits<float>::quiet_NaN();
  if constexpr (sizeof(T) == 1) {
    return device::to_e4m3(value);
  } else {
    return device::to_bf16(value);
  }
}

inline double real(device::bf16 value) { return device::to_float(value); }
inline double real(device::e4m3 value) { return device::to_float(value); }
inline double real(float value) { return value; }

/// One row of a row-major array, as references take it.
template <typename T>
Matrix row_of(const std::vector<T>& values, std::int64_t row, std::int64_t columns) {
  Matrix x = zeros(1, columns);
  for (std::int64_t j = 0; j < columns; ++j) {
    x(0, j) = real(values[static_cast<std::size_t>(row * columns + j)]);
  }
  return x;
}

/// A reference in double takes long for large shapes: these rows stand for all.
inline std::vector<std::int64_t> sampled_rows(std::int64_t rows) {
  constexpr std::int64_t kMost = 48;
  std::vector<std::int64_t> sampled;
  for (std::int64_t i = 0; i < std::min(rows, kMost); ++i) {
    sampled.push_back(rows <= kMost ? i : i * (rows - 1) / (kMost - 1));
  }
  return sampled;
}

/// The first, a middle and the last of `count`.
inline std::vector<std::int64_t> few_of(std::int64_t count) {
  std::vector<std::int64_t> few{0};
  for (const std::int64_t it : {count / 2, count - 1}) {
    if (it > few.back()) few.push_back(it);
  }
  return few;
}

/// Empty where `got` is within `tolerance` of `want`; a NaN never is.
inline std::string difference(std::int64_t row, std::int64_t column, double got, double want,
                              double tolerance) {
  if (std::abs(got - want) <= tolerance) return "";
  return "row " + std::to_string(row) + ", column " + std::to_string(column) + ": " +
         std::to_string(got) + ", expected " + std::to_string(want) + " within " +
         std::to_string(tolerance);
}

/// The counts that the model keeps and a GPU doesn't are taken where there are some.
template <typename Report>
Launched launched(const Report& report) {
  Launched out{.failure = report.failure};
  if constexpr (requires { report.bank_conflicts; }) {
    out.bank_conflicts = report.bank_conflicts;
    out.switches = report.switches;
    out.landings = report.landings;
  }
  return out;
}

/// For what has to be done before the case itself.
inline void must_run(const device::LaunchReport& report) {
  if (!report.ok()) throw std::runtime_error(report.failure);
}

/// Two launches as one.
inline Launched together(Launched first, const Launched& second) {
  first.failure += second.failure;
  first.bank_conflicts += second.bank_conflicts;
  first.switches += second.switches;
  first.landings += second.landings;
  return first;
}

template <typename... T>
double bytes_of(const SharedBuffer<T>&... buffers) {
  return static_cast<double>(((buffers->size() * sizeof(T)) + ...));
}

}  // namespace windtunnel::bench
