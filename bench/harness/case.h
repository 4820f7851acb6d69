// What is measured: a kernel of a shape, and what a program can do with it on a device.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/shapes/ops.h"

namespace windtunnel::bench {

/// Values of the inputs. Zeros cost less power, so they are an axis of their own.
enum class Data : std::uint8_t { kUniform, kZeros };

std::string_view data_name(Data data);

/// One kernel at one shape. `tiny` is the shape at which the device model runs it.
struct Case {
  KernelShape shape;
  KernelShape tiny;
  std::string implementation;  ///< `windtunnel`, or the library that is the yardstick
  Data data;

  friend bool operator==(const Case&, const Case&) = default;
};

/// `gemm/bf16/windtunnel`.
std::string kernel_name(const Case& it);

/// Those of m, n, k and groups that mean something, by the names of tables: `m=4096 n=7168`.
std::string shape_text(const KernelShape& shape);

/// What --filter matches: `rms_norm/bf16/windtunnel/m:4096/n:7168/data:uniform`.
std::string case_name(const Case& it);

/// What a GPU can do at best: dense tensor peaks, memory.
struct Roof {
  FlopsPerSecond bf16;
  FlopsPerSecond fp8;
  BytesPerSecond memory;
};

/// Whether tensor cores multiply FP8: what decoding reads of a cache in FP8 is turned into BF16.
bool multiplies_fp8(const KernelShape& shape);

/// The longer of arithmetic and traffic at the roof.
Seconds floor_time(const KernelShape& shape, const Roof& roof);

/// What a launch found: on a GPU only `failure`.
struct Launched {
  std::string failure;  ///< empty when nothing was wrong
  std::uint64_t bank_conflicts = 0;
  std::uint64_t switches = 0;
  std::uint64_t landings = 0;
};

/// A case with its buffers on a device.
struct Prepared {
  std::function<Launched()> launch;
  std::function<void()> poison;        ///< outputs become undefined, or NaN
  std::function<std::string()> check;  ///< outputs against the reference; empty when right
  double footprint = 0;                ///< bytes of all buffers
  /// False where each launch must be told its number: no graph of launches can then be replayed.
  bool replayable = true;
};

}  // namespace windtunnel::bench
