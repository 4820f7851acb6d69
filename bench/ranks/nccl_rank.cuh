// One rank on a GPU: its communicator, and the values and times of its collectives.
#pragma once

#include <cuda_runtime.h>
#include <nccl.h>

#include <cstring>
#include <stdexcept>

#include "bench/collectives/communicator.h"
#include "kernels/device/launch.h"

namespace windtunnel::bench {

struct NcclRank {
  Control control;
  int nodes;
  int sms;
  ncclComm_t comm;
  cudaStream_t stream;
};

inline void must(ncclResult_t result, const char* call) {
  if (result == ncclSuccess) return;
  throw std::runtime_error(std::string(call) + ": " + ncclGetErrorString(result));
}

/// BF16 of a small whole number, and back: the upper half of an FP32.
inline std::uint16_t bf16_bits(int value) {
  const auto real = static_cast<float>(value);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &real, sizeof bits);
  return static_cast<std::uint16_t>(bits >> 16);
}
inline std::uint16_t value_of(std::uint16_t bf16) {
  const std::uint32_t bits = std::uint32_t{bf16} << 16;
  float real = 0;
  std::memcpy(&real, &bits, sizeof real);
  // What is no such number differs from every one that is.
  return real >= 0 && real < 0xffff ? static_cast<std::uint16_t>(real) : std::uint16_t{0xffff};
}

inline std::vector<std::uint16_t> given_bits(int rank, std::int64_t count) {
  std::vector<std::uint16_t> bits;
  for (std::int64_t i = 0; i < count; ++i) bits.push_back(bf16_bits(given_value(rank, i)));
  return bits;
}

inline std::vector<std::uint16_t> values_of(std::vector<std::uint16_t> bits) {
  for (std::uint16_t& it : bits) it = value_of(it);
  return bits;
}

/// Of one of `launches`, between two events of the rank's stream.
template <typename Queue>
Seconds timed(const NcclRank& rank, int launches, const Queue& queue) {
  using device::cuda_side::check;
  cudaEvent_t begin = nullptr;
  cudaEvent_t end = nullptr;
  check(cudaEventCreate(&begin), "cudaEventCreate");
  check(cudaEventCreate(&end), "cudaEventCreate");
  check(cudaEventRecord(begin, rank.stream), "cudaEventRecord");
  for (int i = 0; i < launches; ++i) queue();
  check(cudaEventRecord(end, rank.stream), "cudaEventRecord");
  check(cudaStreamSynchronize(rank.stream), "cudaStreamSynchronize");
  float ms = 0;
  check(cudaEventElapsedTime(&ms, begin, end), "cudaEventElapsedTime");
  cudaEventDestroy(end);
  cudaEventDestroy(begin);
  return {1e-3 * static_cast<double>(ms) / launches};
}

}  // namespace windtunnel::bench
