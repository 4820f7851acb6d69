// The host's side, on a GPU. The options of the model are taken and not read.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernels/device/launch.h"
#include "kernels/device/model/options.h"

namespace windtunnel::device {

struct [[nodiscard]] LaunchReport {
  /// The name of the CUDA error; empty when there was none.
  std::string failure;

  bool ok() const { return failure.empty(); }
};

class Gpu {
 public:
  explicit Gpu(const ModelOptions& options = {}) : options_{options} {}
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  const ModelOptions& options() const { return options_; }
  void set_seed(std::uint64_t seed) { options_.seed = seed; }

  /// Launches from here on go to this stream and aren't waited for: for timing and for graphs.
  void queue_on(cudaStream_t stream) {
    stream_ = stream;
    waits_ = false;
  }
  cudaStream_t stream() const { return stream_; }
  bool waits() const { return waits_; }

 private:
  ModelOptions options_;
  cudaStream_t stream_ = nullptr;
  bool waits_ = true;
};

namespace cuda_side {

inline void check(cudaError_t error, const char* call) {
  if (error == cudaSuccess) return;
  throw std::runtime_error(std::string(call) + ": " + cudaGetErrorString(error));
}

}  // namespace cuda_side

template <typename T>
class Buffer {
 public:
  Buffer(Gpu& /*gpu*/, std::size_t count, const char* /*name*/ = "buffer") : count_{count} {
    cuda_side::check(cudaMalloc(&data_, count * sizeof(T)), "cudaMalloc");
    poison();
  }
  Buffer(Gpu& gpu, const std::vector<T>& values, const char* name = "buffer")
      : Buffer(gpu, values.size(), name) {
    upload(values);
  }
  Buffer(Buffer&& other) noexcept
      : count_{other.count_}, data_{std::exchange(other.data_, nullptr)} {}
  Buffer& operator=(Buffer&&) = delete;
  ~Buffer() { cudaFree(data_); }

  T* data() const { return data_; }
  std::size_t size() const { return count_; }
  void upload(const std::vector<T>& values) {
    cuda_side::check(cudaMemcpy(data_, values.data(), count_ * sizeof(T), cudaMemcpyHostToDevice),
                     "cudaMemcpy");
  }
  std::vector<T> download() const {
    std::vector<T> values(count_);
    cuda_side::check(cudaMemcpy(values.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost),
                     "cudaMemcpy");
    return values;
  }
  /// Only those from `first`; the others stay what they are.
  void upload(std::size_t first, std::span<const T> values) {
    cuda_side::check(
        cudaMemcpy(data_ + first, values.data(), values.size_bytes(), cudaMemcpyHostToDevice),
        "cudaMemcpy");
  }
  std::vector<T> download(std::size_t first, std::size_t count) const {
    std::vector<T> values(count);
    cuda_side::check(
        cudaMemcpy(values.data(), data_ + first, count * sizeof(T), cudaMemcpyDeviceToHost),
        "cudaMemcpy");
    return values;
  }
  void poison() { cuda_side::check(cudaMemset(data_, 0xff, count_ * sizeof(T)), "cudaMemset"); }

 private:
  std::size_t count_;
  T* data_ = nullptr;
};

/// Launches on the default stream and waits, unless the GPU was told to queue.
template <typename... Parameters, typename... Arguments>
LaunchReport launch(Gpu& gpu, void (*kernel)(Parameters...), const LaunchShape& shape,
                    Arguments&&... arguments) {
  cuda_side::check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                        static_cast<int>(shape.shared_bytes)),
                   "cudaFuncSetAttribute");
  cudaLaunchConfig_t configuration = {};
  configuration.gridDim = dim3(shape.grid.x, shape.grid.y, shape.grid.z);
  configuration.blockDim = dim3(shape.block.x, shape.block.y, shape.block.z);
  configuration.dynamicSmemBytes = shape.shared_bytes;
  configuration.stream = gpu.stream();
  cudaLaunchAttribute attributes[2] = {};
  configuration.attrs = attributes;
  if (shape.cooperative) {
    attributes[configuration.numAttrs].id = cudaLaunchAttributeCooperative;
    attributes[configuration.numAttrs++].val.cooperative = 1;
  }
  if (shape.dependent) {
    attributes[configuration.numAttrs].id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attributes[configuration.numAttrs++].val.programmaticStreamSerializationAllowed = 1;
  }
  cudaError_t error =
      cudaLaunchKernelEx(&configuration, kernel, std::forward<Arguments>(arguments)...);
  if (error == cudaSuccess && gpu.waits()) error = cudaDeviceSynchronize();
  return {.failure = error == cudaSuccess ? "" : cudaGetErrorString(error)};
}

}  // namespace windtunnel::device
