// Ranks on GPUs, joined by NCCL: a process each where MPI launched them, else a thread for each GPU
// of this one. Never run yet: there was no machine with two GPUs.
#include <cuda_runtime.h>
#include <nccl.h>

#include <cstring>

#include "bench/collectives/thread_control.h"
#include "bench/ranks/exchange.cuh"
#include "bench/ranks/mpi.h"

namespace windtunnel::bench {
namespace {

using device::cuda_side::check;

/// What a collective reads and writes.
struct NcclCase {
  device::Buffer<std::uint16_t> given;
  device::Buffer<std::uint16_t> received;
};

constexpr ncclDataType_t kType = ncclBfloat16;

void queue_all_to_all(const NcclRank& rank, const NcclCase& it, const Ports& ports) {
  must(ncclGroupStart(), "ncclGroupStart");
  for (int peer = 0; peer < rank.control.ranks; ++peer) {
    const auto at = static_cast<std::size_t>(peer);
    must(ncclSend(it.given.data() + ports.send_offsets[at],
                  static_cast<std::size_t>(ports.send_counts[at]), kType, peer, rank.comm,
                  rank.stream),
         "ncclSend");
    must(ncclRecv(it.received.data() + ports.receive_offsets[at],
                  static_cast<std::size_t>(ports.receive_counts[at]), kType, peer, rank.comm,
                  rank.stream),
         "ncclRecv");
  }
  must(ncclGroupEnd(), "ncclGroupEnd");
}

void queue(const NcclRank& rank, const CollectiveCase& item, const NcclCase& it,
           const Ports& ports) {
  const void* given = it.given.data();
  void* received = it.received.data();
  const auto all = static_cast<std::size_t>(item.elements);
  const std::size_t part = all / static_cast<std::size_t>(rank.control.ranks);
  switch (item.kind) {
    case Collective::kAllGather:
      return must(ncclAllGather(given, received, part, kType, rank.comm, rank.stream),
                  "ncclAllGather");
    case Collective::kAllReduce:
      return must(ncclAllReduce(given, received, all, kType, ncclSum, rank.comm, rank.stream),
                  "ncclAllReduce");
    case Collective::kReduceScatter:
      return must(ncclReduceScatter(given, received, part, kType, ncclSum, rank.comm, rank.stream),
                  "ncclReduceScatter");
    default:
      return queue_all_to_all(rank, it, ports);
  }
}

std::optional<Attempt> start(device::Gpu& gpu, const NcclRank& rank, const CollectiveCase& item,
                             std::string& why) {
  if (item.kind == Collective::kDispatch || item.kind == Collective::kCombine) {
    return start_exchange(gpu, rank, item, why);
  }
  const int ranks = rank.control.ranks;
  const auto it = std::make_shared<NcclCase>(NcclCase{
      .given = device::Buffer<std::uint16_t>(
          gpu, given_bits(rank.control.rank, sent_elements(item, ranks, rank.control.rank)),
          "given"),
      .received = device::Buffer<std::uint16_t>(
          gpu, static_cast<std::size_t>(received_elements(item, ranks, rank.control.rank)),
          "received")});
  // What was uploaded is there before another stream reads it.
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  const Traffic traffic = traffic_of(item, ranks);
  const Ports ports = traffic.empty() ? Ports{} : ports_of(traffic, rank.control.rank);
  return Attempt{.sample =
                     [=](int launches) {
                       return timed(rank, launches, [&] { queue(rank, item, *it, ports); });
                     },
                 .received = [=] { return values_of(it->received.download()); }};
}

Machine machine_of(int number) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, number), "cudaGetDeviceProperties");
  int driver = 0;
  int runtime = 0;
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  const auto version = [](int code) {
    return std::to_string(code / 1000) + "." + std::to_string(code % 1000 / 10);
  };
  return {.gpu = gpu_id(properties.name),
          .device = properties.name,
          .driver = "for CUDA " + version(driver),
          .cuda = version(runtime),
          .sms = properties.multiProcessorCount,
          .default_mhz = 0,
          .l2 = {static_cast<double>(properties.l2CacheSize)}};
}

std::string backend_name() {
  int code = 0;
  must(ncclGetVersion(&code), "ncclGetVersion");
  return "NCCL " + std::to_string(code / 10000) + "." + std::to_string(code / 100 % 100) + "." +
         std::to_string(code % 100);
}

/// A rank that this process has.
struct Place {
  Control control;
  int gpu;
  int nodes;
  int first_rank;
};

void run_rank(const Place& place, const Body& body) {
  check(cudaSetDevice(place.gpu), "cudaSetDevice");
  ncclUniqueId id{};
  if (place.control.rank == 0) must(ncclGetUniqueId(&id), "ncclGetUniqueId");
  place.control.broadcast(&id, sizeof id);
  NcclRank rank{.control = place.control,
                .nodes = place.nodes,
                .sms = machine_of(place.gpu).sms,
                .comm = nullptr,
                .stream = nullptr};
  must(ncclCommInitRank(&rank.comm, place.control.ranks, id, place.control.rank),
       "ncclCommInitRank");
  check(cudaStreamCreateWithFlags(&rank.stream, cudaStreamNonBlocking), "cudaStreamCreate");
  device::Gpu gpu;
  gpu.queue_on(rank.stream);
  body({.control = place.control,
        .machine = machine_of(place.gpu),
        .backend = backend_name(),
        .nodes = place.nodes,
        .first_rank = place.first_rank,
        .start = [&](const CollectiveCase& it, std::string& why) {
          return start(gpu, rank, it, why);
        }});
  check(cudaStreamDestroy(rank.stream), "cudaStreamDestroy");
  must(ncclCommDestroy(rank.comm), "ncclCommDestroy");
}

std::string run_launched(int gpus, const Body& body) {
  const auto ranks = open_mpi();
  if (!ranks) return "started by a launcher, but built without MPI (CMake found none)";
  std::string why;
  if (gpus == 0) {
    why = "no GPU";
  } else if (ranks->node_rank >= gpus) {
    why = "more ranks than GPUs on a node; NCCL takes one rank a GPU";
  } else if (ranks->control.ranks < 2) {
    why = "one rank has nobody to exchange with";
  }
  why = ranks->control.first_text(why);
  if (!why.empty()) return why;
  abort_with([&] {
    run_rank({.control = ranks->control,
              .gpu = ranks->node_rank,
              .nodes = ranks->nodes,
              .first_rank = ranks->control.rank},
             body);
  });
  return "";
}

}  // namespace

std::string run_on_gpus(const Body& body) {
  int gpus = 0;
  const cudaError_t error = cudaGetDeviceCount(&gpus);
  if (error != cudaSuccess) gpus = 0;
  if (launched_by_mpi()) return run_launched(gpus, body);
  if (error != cudaSuccess) return cudaGetErrorString(error);
  if (gpus < 2) return "one GPU has nobody to exchange with";
  run_threads(gpus, [&](const Control& control) {
    run_rank({.control = control, .gpu = control.rank, .nodes = 1, .first_rank = 0}, body);
  });
  return "";
}

}  // namespace windtunnel::bench
