// A cluster of identical nodes: GPUs joined by NVLink inside a node, one NIC a GPU between nodes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/base/node.h"
#include "simulator/base/source.h"
#include "simulator/hardware/fabric.h"
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
/// GPU's own NIC, and `fabric` what lies between NICs (nothing that could slow them where absent).
/// GPU g sits in node g / gpus_per_node. The GPUs `failed_nics` send through a neighbour's NIC.
struct Cluster {
  std::string name;
  Gpu gpu;
  int nodes;
  int gpus_per_node;
  Link scale_up;
  Link scale_out;
  std::optional<Fabric> fabric = {};
  std::vector<int> failed_nics = {};
  Source failed_nics_at = {};  ///< where they are named
};

constexpr int gpu_count(const Cluster& cluster) { return cluster.nodes * cluster.gpus_per_node; }

/// The link that carries data from GPU `from` to GPU `to`, two different GPUs of the cluster.
const Link& path(const Cluster& cluster, int from, int to);

/// The cluster as neighbouring groups of `gpus` see it: `scale_out.latency` also holds the most
/// switches between two GPUs of a group. Unchanged without a fabric.
Cluster spanned_by(const Cluster& cluster, int gpus);

/// The GPU whose NIC carries what GPU `gpu` sends and receives: its own, or of the node's NICs that
/// work (one at least) the next of those that carry for the fewest others.
int nic_of(const Cluster& cluster, int gpu);

/// Reads a cluster file and the GPU file it names; throws ConfigError.
Cluster load_cluster(const std::filesystem::path& file, const Source& named_at);

/// The cluster that `root` describes; throws ConfigError.
Cluster decode_cluster(const Node& root);

/// What may be written in a cluster file.
FileKeys cluster_keys();

}  // namespace windtunnel
