// The host's side, on the device model.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/device/launch.h"
#include "kernels/device/model/options.h"

namespace windtunnel::device {

/// What a launch found and did.
struct [[nodiscard]] LaunchReport {
  /// Empty when nothing was wrong; else what, both lines, kernel, CTA, thread, seed.
  std::string failure;
  /// Extra passes of ldmatrix and stmatrix through shared memory.
  std::uint64_t bank_conflicts = 0;
  std::uint64_t switches = 0;
  std::uint64_t landings = 0;

  bool ok() const { return failure.empty(); }
};

/// A GPU that is a model: its memory and its rules. One OS thread at a time.
class Gpu {
 public:
  explicit Gpu(ModelOptions options = {});
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;
  ~Gpu();

  const ModelOptions& options() const { return options_; }
  /// The next launches run with another seed.
  void set_seed(std::uint64_t seed) { options_.seed = seed; }

  void* allocate(std::size_t bytes, const char* name);
  void free(void* data);
  void define(void* data, std::size_t bytes, bool defined);
  LaunchReport run(const LaunchShape& shape, std::function<void()> body);

 private:
  struct State;
  ModelOptions options_;
  std::unique_ptr<State> state_;
};

/// `count` values in global memory, undefined until written or uploaded; the name is for reports.
template <typename T>
class Buffer {
 public:
  Buffer(Gpu& gpu, std::size_t count, const char* name = "buffer")
      : gpu_{&gpu}, count_{count}, data_{static_cast<T*>(gpu.allocate(count * sizeof(T), name))} {}
  Buffer(Gpu& gpu, const std::vector<T>& values, const char* name = "buffer")
      : Buffer(gpu, values.size(), name) {
    upload(values);
  }
  Buffer(Buffer&& other) noexcept
      : gpu_{other.gpu_}, count_{other.count_}, data_{std::exchange(other.data_, nullptr)} {}
  Buffer& operator=(Buffer&&) = delete;
  ~Buffer() {
    if (data_ != nullptr) gpu_->free(data_);
  }

  /// The pointer to pass to kernels.
  T* data() const { return data_; }
  std::size_t size() const { return count_; }
  void upload(const std::vector<T>& values) {
    for (std::size_t i = 0; i < count_; ++i) data_[i] = values.at(i);
    gpu_->define(data_, count_ * sizeof(T), true);
  }
  std::vector<T> download() const { return std::vector<T>(data_, data_ + count_); }
  /// Only those from `first`; the others stay what they are.
  void upload(std::size_t first, std::span<const T> values) {
    for (std::size_t i = 0; i < values.size(); ++i) data_[first + i] = values[i];
    gpu_->define(data_ + first, values.size_bytes(), true);
  }
  std::vector<T> download(std::size_t first, std::size_t count) const {
    return std::vector<T>(data_ + first, data_ + first + count);
  }
  /// Makes the contents undefined again, as before a launch that must write all of it.
  void poison() { gpu_->define(data_, count_ * sizeof(T), false); }

 private:
  Gpu* gpu_;
  std::size_t count_;
  T* data_;
};

/// Runs the kernel to its end; what the model has against it is in the report.
template <typename... Parameters, typename... Arguments>
LaunchReport launch(Gpu& gpu, void (*kernel)(Parameters...), const LaunchShape& shape,
                    Arguments&&... arguments) {
  // Arguments are copied once, as a real launch does, and live as long as the launch.
  std::tuple<std::decay_t<Parameters>...> copies{std::forward<Arguments>(arguments)...};
  return gpu.run(shape, [&] { std::apply(kernel, copies); });
}

}  // namespace windtunnel::device
