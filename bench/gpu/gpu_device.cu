// A GPU as the suite sees it. All decisions are elsewhere (bench/harness): here are only the calls.
#include <cuda_runtime.h>
#include <nvtx3/nvToolsExt.h>

#include <chrono>
#include <thread>

#include "bench/cases/prepare.cuh"
#include "bench/device.h"
#include "bench/gpu/beside.cuh"
#include "bench/gpu/cublaslt.h"
#include "bench/gpu/stamps.cuh"

namespace windtunnel::bench {
namespace {

using device::cuda_side::check;

Machine machine_of(int number) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, number), "cudaGetDeviceProperties");
  int khz = 0;
  check(cudaDeviceGetAttribute(&khz, cudaDevAttrClockRate, number), "cudaDeviceGetAttribute");
  int driver = 0;
  int runtime = 0;
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  const auto version = [](int code) {
    return std::to_string(code / 1000) + "." + std::to_string(code % 1000 / 10);
  };
  return {.gpu = {},
          .device = properties.name,
          .driver = "for CUDA " + version(driver),
          .cuda = version(runtime),
          .sms = properties.multiProcessorCount,
          .default_mhz = khz / 1000.0,
          .l2 = {static_cast<double>(properties.l2CacheSize)}};
}

Prepared prepare_any(device::Gpu& gpu, const Case& item, const KernelShape& shape, int sms) {
  if (item.implementation == "cublaslt") return prepare_cublaslt(gpu, shape, item.data);
  auto prepared = prepare(gpu, item, shape, sms);
  if (!prepared) throw std::runtime_error("no kernel of this operation");
  return std::move(*prepared);
}

std::string check_once(const Case& item, bool tiny, int sms) {
  device::Gpu gpu;
  const Prepared prepared = prepare_any(gpu, item, tiny ? item.tiny : item.shape, sms);
  prepared.poison();
  const Launched launched = prepared.launch();
  return launched.failure.empty() ? prepared.check() : launched.failure;
}

/// Everything that one case needs while it is sampled.
class Bench {
 public:
  Bench(const Machine& machine, const Case& item, const SamplePlan& plan)
      : plan_{plan},
        sms_{machine.sms},
        flush_bytes_{static_cast<std::size_t>(machine.l2.value)},
        name_{operation_name(item.shape.operation)} {
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
    check(cudaEventCreate(&begin_), "cudaEventCreate");
    check(cudaEventCreate(&end_), "cudaEventCreate");
    check(cudaMalloc(&stamps_, 2 * kStamps * sizeof(Stamp)), "cudaMalloc");
    check(cudaMalloc(&flush_, flush_bytes_), "cudaMalloc");
    check(cudaMalloc(&sink_, sizeof(float)), "cudaMalloc");
    for (int i = 0; i < plan.buffer_sets; ++i) {
      sets_.push_back(prepare_any(gpu_, item, item.shape, machine.sms));
    }
    gpu_.queue_on(stream_);
    // Lazy loading, first touches and the library's own set-up end here.
    for (int i = 0; i < 3; ++i) launch_next();
    check(cudaStreamSynchronize(stream_), "warm-up");
    if (plan.launches > 1 && sets_.front().replayable) record_graph();
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() {
    if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
    cudaFree(sink_);
    cudaFree(flush_);
    cudaFree(stamps_);
    cudaEventDestroy(end_);
    cudaEventDestroy(begin_);
    cudaStreamDestroy(stream_);
  }

  Sample draw() {
    nvtxRangePushA(name_.c_str());
    check(cudaMemsetAsync(stamps_, 0, 2 * kStamps * sizeof(Stamp), stream_), "cudaMemset");
    take_stamps<<<sms_, 32, 0, stream_>>>(stamps_);
    // In both regimes something long runs first, so that the queue is ahead of the GPU.
    check(cudaMemsetAsync(flush_, 0, flush_bytes_, stream_), "cudaMemset");
    if (plan_.regime == Regime::kBurst) {
      read_through<<<sms_ * 4, 512, 0, stream_>>>(
          static_cast<const float4*>(flush_), std::int64_t(flush_bytes_ / sizeof(float4)), sink_);
    }
    check(cudaEventRecord(begin_, stream_), "cudaEventRecord");
    if (graph_ != nullptr) {
      check(cudaGraphLaunch(graph_, stream_), "cudaGraphLaunch");
    } else {
      for (int i = 0; i < plan_.launches; ++i) launch_next();
    }
    check(cudaEventRecord(end_, stream_), "cudaEventRecord");
    take_stamps<<<sms_, 32, 0, stream_>>>(stamps_ + kStamps);
    check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
    nvtxRangePop();
    float ms = 0;
    check(cudaEventElapsedTime(&ms, begin_, end_), "cudaEventElapsedTime");
    return {.ns = ms * 1e6 / plan_.launches, .mhz = mhz()};
  }

 private:
  void launch_next() {
    const Launched launched = sets_[next_++ % sets_.size()].launch();
    if (!launched.failure.empty()) throw std::runtime_error(name_ + ": " + launched.failure);
  }

  void record_graph() {
    cudaGraph_t graph = nullptr;
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "capture");
    for (int i = 0; i < plan_.launches; ++i) launch_next();
    check(cudaStreamEndCapture(stream_, &graph), "capture");
    check(cudaGraphInstantiate(&graph_, graph, 0), "cudaGraphInstantiate");
    cudaGraphDestroy(graph);
  }

  /// Of the first SM that has both stamps; 0, which no one accepts, if none has.
  double mhz() const {
    std::vector<Stamp> stamps(2 * kStamps);
    check(cudaMemcpy(stamps.data(), stamps_, stamps.size() * sizeof(Stamp), cudaMemcpyDeviceToHost),
          "cudaMemcpy");
    for (std::size_t sm = 0; sm < kStamps; ++sm) {
      const Stamp& before = stamps[sm];
      const Stamp& after = stamps[kStamps + sm];
      if (before.ns == 0 || after.ns <= before.ns) continue;
      return 1e3 * static_cast<double>(after.clocks - before.clocks) /
             static_cast<double>(after.ns - before.ns);
    }
    return 0;
  }

  SamplePlan plan_;
  int sms_;
  std::size_t flush_bytes_;
  std::string name_;
  device::Gpu gpu_;
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr;
  cudaEvent_t end_ = nullptr;
  Stamp* stamps_ = nullptr;
  void* flush_ = nullptr;
  float* sink_ = nullptr;
  cudaGraphExec_t graph_ = nullptr;
  std::vector<Prepared> sets_;
  std::size_t next_ = 0;
};

Sampler sampler_of(const Machine& machine, const Case& item, const SamplePlan& plan) {
  const auto bench = std::make_shared<Bench>(machine, item, plan);
  const auto sleep = [](Seconds time) {
    std::this_thread::sleep_for(std::chrono::duration<double>(time.value));
  };
  // In burst the GPU rests between samples, so that it is at its boost clock for each.
  const Seconds rest{plan.regime == Regime::kBurst ? 0.01 : 0.0};
  return {.draw =
              [=] {
                if (rest.value > 0) sleep(rest);
                return bench->draw();
              },
          .rest = sleep,
          .now =
              [] {
                const auto now = std::chrono::steady_clock::now().time_since_epoch();
                return Seconds{std::chrono::duration<double>(now).count()};
              }};
}

}  // namespace

/// The one name that the library shows.
__attribute__((visibility("default"))) std::optional<GpuDevice> open_gpu(std::string& why) {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess || count == 0) {
    why = error == cudaSuccess ? "no CUDA device" : cudaGetErrorString(error);
    return std::nullopt;
  }
  int major = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, 0),
        "cudaDeviceGetAttribute");
  const Machine machine = machine_of(0);
  if (major != 9) {
    why = machine.device + ": the kernels here are built for compute capability 9.0";
    return std::nullopt;
  }
  return GpuDevice{
      .machine = machine,
      .check = [=](const Case& item, bool tiny) { return check_once(item, tiny, machine.sms); },
      .footprint =
          [=](const Case& item) {
            device::Gpu gpu;
            return prepare_any(gpu, item, item.shape, machine.sms).footprint;
          },
      .sampler = [=](const Case& item,
                     const SamplePlan& plan) { return sampler_of(machine, item, plan); },
      .overlap = measure_overlap};
}

}  // namespace windtunnel::bench
