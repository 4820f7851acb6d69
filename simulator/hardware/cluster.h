// A cluster of identical nodes: GPUs joined by NVLink inside a node, one NIC a GPU between nodes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "kernels/shapes/units.h"
#include "simulator/base/node.h"
#include "simulator/base/source.h"
#include "simulator/hardware/gpu.h"

namespace windtunnel {

/// A link in one direction: what it is sold as, what transfers reach on it, and the latency of the
/// first byte. Simulations use `effective`, which may be as good as `effective_high`; prices of
/// kernels measured on another link move by the ratio of the peaks.
struct Link {
  BytesPerSecond peak;
  BytesPerSecond effective;
  std::optional<BytesPerSecond> effective_high;
  Seconds latency;
  std::string source;
};

/// `nodes` x `gpus_per_node` GPUs; `scale_up` joins the GPUs of a node, `scale_out` is each
/// GPU's own NIC. GPU g sits in node g / gpus_per_node.
struct Cluster {
  std::string name;
  Gpu gpu;
  int nodes;
  int gpus_per_node;
  Link scale_up;
  Link scale_out;
};

constexpr int gpu_count(const Cluster& cluster) { return cluster.nodes * cluster.gpus_per_node; }

/// The link that carries data from GPU `from` to GPU `to`, two different GPUs of the cluster.
const Link& path(const Cluster& cluster, int from, int to);

/// Reads a cluster file and the GPU file it names; throws ConfigError.
Cluster load_cluster(const std::filesystem::path& file, const Source& named_at);

/// The cluster that `root` describes; throws ConfigError.
Cluster decode_cluster(const Node& root);

/// What may be written in a cluster file.
FileKeys cluster_keys();

}  // namespace windtunnel
