// One case on a stream while another runs on a second one all the time.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <stdexcept>

#include "bench/cases/overlap.h"
#include "bench/cases/prepare.cuh"

namespace windtunnel::bench {

/// A case's buffers, and the stream it is launched on.
class Lane {
 public:
  /// `priority` as CUDA counts: the lower wins.
  Lane(const KernelShape& shape, int sms, int priority) {
    device::cuda_side::check(
        cudaStreamCreateWithPriority(&stream_, cudaStreamNonBlocking, priority), "cudaStream");
    const Case item{
        .shape = shape, .tiny = shape, .implementation = "windtunnel", .data = Data::kUniform};
    auto prepared = prepare(gpu_, item, shape, sms);
    if (!prepared) throw std::runtime_error("no kernel of this operation");
    prepared_ = std::move(*prepared);
    device::cuda_side::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    gpu_.queue_on(stream_);
    for (int i = 0; i < 3; ++i) launch();
    device::cuda_side::check(cudaStreamSynchronize(stream_), "warm-up");
  }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() { cudaStreamDestroy(stream_); }

  cudaStream_t stream() const { return stream_; }
  void launch() {
    const Launched launched = prepared_.launch();
    if (!launched.failure.empty()) throw std::runtime_error(launched.failure);
  }

 private:
  device::Gpu gpu_;
  cudaStream_t stream_ = nullptr;
  Prepared prepared_;
};

/// Moments on streams.
class Marks {
 public:
  Marks() {
    for (cudaEvent_t& it : events_) device::cuda_side::check(cudaEventCreate(&it), "cudaEvent");
  }
  Marks(const Marks&) = delete;
  Marks& operator=(const Marks&) = delete;
  ~Marks() {
    for (cudaEvent_t it : events_) cudaEventDestroy(it);
  }
  cudaEvent_t operator[](int i) const { return events_[i]; }
  void take(int i, cudaStream_t stream) const {
    device::cuda_side::check(cudaEventRecord(events_[i], stream), "cudaEventRecord");
  }
  double us_between(int first, int last) const {
    float ms = 0;
    device::cuda_side::check(cudaEventElapsedTime(&ms, events_[first], events_[last]),
                             "cudaEventElapsedTime");
    return 1e3 * static_cast<double>(ms);
  }

 private:
  cudaEvent_t events_[4] = {};
};

inline constexpr int kOverlapSamples = 9;

inline double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// One launch by itself, in microseconds.
inline double alone_us(Lane& lane) {
  const Marks marks;
  std::vector<double> samples;
  for (int i = 0; i < kOverlapSamples; ++i) {
    marks.take(0, lane.stream());
    lane.launch();
    marks.take(1, lane.stream());
    device::cuda_side::check(cudaStreamSynchronize(lane.stream()), "cudaStreamSynchronize");
    samples.push_back(marks.us_between(0, 1));
  }
  return median_of(samples);
}

/// One launch of `lane` while `other`, `launches` of which are queued, is running: from its first
/// launch's end on. Less than nothing where `other` had ended before.
inline double beside_us(Lane& lane, Lane& other, int launches, const Marks& marks) {
  other.launch();
  marks.take(0, other.stream());
  for (int i = 0; i < launches; ++i) other.launch();
  marks.take(1, other.stream());
  device::cuda_side::check(cudaStreamWaitEvent(lane.stream(), marks[0]), "cudaStreamWaitEvent");
  marks.take(2, lane.stream());
  lane.launch();
  marks.take(3, lane.stream());
  device::cuda_side::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  return marks.us_between(3, 1) < 0 ? -1 : marks.us_between(2, 3);
}

/// The median, with as many launches of the other as it takes; `enough` is the first try.
inline double beside_us(Lane& lane, Lane& other, int enough) {
  const Marks marks;
  constexpr int kMost = 1 << 14;
  std::vector<double> samples;
  while (samples.size() < kOverlapSamples) {
    const double us = beside_us(lane, other, enough, marks);
    if (us >= 0) {
      samples.push_back(us);
    } else if (enough > kMost) {
      throw std::runtime_error("the other kernel ended first");
    } else {
      enough *= 2;
    }
  }
  return median_of(samples);
}

/// Launches of one kernel that outlast another twice, slowed down as they may be.
inline int launches_to_outlast(double other_us, double own_us) {
  return std::max(2, static_cast<int>(2 * other_us / own_us) + 1);
}

/// Communication comes first where both wait: as in training it must not be held up.
inline OverlapTimes measure_overlap(const OverlapPair& pair) {
  int least = 0;
  int most = 0;
  device::cuda_side::check(cudaDeviceGetStreamPriorityRange(&least, &most), "stream priorities");
  Lane compute(pair.compute, pair.compute_sms, least);
  OverlapTimes times{};
  times.compute_alone = alone_us(compute);
  if (pair.communication_sms == 0) return times;
  Lane communication(pair.communication, pair.communication_sms, most);
  times.communication_alone = alone_us(communication);
  times.compute_beside = beside_us(
      compute, communication, launches_to_outlast(times.compute_alone, times.communication_alone));
  times.communication_beside = beside_us(
      communication, compute, launches_to_outlast(times.communication_alone, times.compute_alone));
  return times;
}

}  // namespace windtunnel::bench
