#include "simulator/hardware/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/hardware/fabric_file.h"

namespace windtunnel {
namespace {

/// The cluster as written: the GPU by its file.
struct ClusterText {
  std::string name;
  Sourced<std::string> gpu;
  int nodes;
  int gpus_per_node;
  Link scale_up;
  Link scale_out;
  std::optional<Fabric> fabric;
  std::vector<int> failed_nics;
};

Fields<Link> link_fields() {
  const Range rate = between(BytesPerSecond{1e6}, BytesPerSecond{1e13});
  return Fields<Link>("link")
      .required("peak", &Link::peak, rate, "what the link is sold as, one direction")
      .required("effective", &Link::effective, rate, "what transfers reach, one direction")
      .optional("effective_high", &Link::effective_high, rate,
                "the most that somebody reached: the range of `effective`")
      .required("latency", &Link::latency, between(Seconds{0}, Seconds{1}), "of the first byte")
      .required("source", &Link::source, "where the three numbers are from");
}

Fields<ClusterText> make_fields() {
  return Fields<ClusterText>("cluster")
      .required("name", &ClusterText::name, "shown to people")
      .required("gpu", &ClusterText::gpu, "GPU file, relative to this one")
      .required("nodes", &ClusterText::nodes, between(1, 100'000), "nodes")
      .required("gpus_per_node", &ClusterText::gpus_per_node, between(1, 1024), "GPUs of a node")
      .table("scale_up", &ClusterText::scale_up, link_fields(), "between GPUs of a node")
      .table("scale_out", &ClusterText::scale_out, link_fields(), "a GPU's way to other nodes")
      .table("fabric", &ClusterText::fabric, fabric_fields(),
             "switches between the nodes; where left out, only NICs limit what leaves a node")
      .optional("failed_nics", &ClusterText::failed_nics, between(0, 102'399'999),
                "GPUs whose NIC is down: they send through a neighbour's");
}

/// Made once: each scenario of a sweep is read with it.
const Fields<ClusterText>& cluster_fields() {
  static const Fields<ClusterText> fields = make_fields();
  return fields;
}

/// Nobody reaches more than a link is sold as, and a range does not end below its value.
void check_link(const Node& root, const std::string& name, const Link& link) {
  const auto reject = [&](const std::string& key, const std::string& message) {
    throw ConfigError(source_of(root, name + "." + key), message,
                      "effective <= effective_high <= peak");
  };
  if (link.effective > link.peak) reject("effective", "more than the link's peak");
  if (!link.effective_high) return;
  if (*link.effective_high < link.effective) {
    reject("effective_high", "the range ends below `effective`");
  }
  if (*link.effective_high > link.peak) reject("effective_high", "more than the link's peak");
}

bool nic_works(const std::vector<int>& failed, int gpu) {
  return std::find(failed.begin(), failed.end(), gpu) == failed.end();
}

/// Each stands there once, and every node keeps a NIC.
void check_nics(const Node& root, const ClusterText& text) {
  const int gpus = text.nodes * text.gpus_per_node;
  for (const int gpu : text.failed_nics) {
    if (gpu >= gpus) {
      throw ConfigError(source_of(root, "failed_nics"), fmt::format("there is no GPU {}", gpu),
                        fmt::format("0 to {}", gpus - 1));
    }
    if (std::count(text.failed_nics.begin(), text.failed_nics.end(), gpu) > 1) {
      throw ConfigError(source_of(root, "failed_nics"),
                        fmt::format("GPU {} stands here twice", gpu), "each GPU once");
    }
    const int first = gpu - gpu % text.gpus_per_node;
    bool any = false;
    for (int other = first; other < first + text.gpus_per_node; ++other) {
      any = any || nic_works(text.failed_nics, other);
    }
    if (any) continue;
    throw ConfigError(source_of(root, "failed_nics"),
                      fmt::format("node {} has no NIC left", first / text.gpus_per_node),
                      fmt::format("fewer than {} GPUs of a node", text.gpus_per_node));
  }
}

}  // namespace

const Link& path(const Cluster& cluster, int from, int to) {
  const bool same_node = from / cluster.gpus_per_node == to / cluster.gpus_per_node;
  return same_node ? cluster.scale_up : cluster.scale_out;
}

Cluster spanned_by(const Cluster& cluster, int gpus) {
  Cluster seen = cluster;
  if (!cluster.fabric) return seen;
  Seconds most{0};
  for (int first = 0; first < gpu_count(cluster); first += gpus) {
    const int last = std::min(first + gpus, gpu_count(cluster)) - 1;
    if (first / cluster.gpus_per_node == last / cluster.gpus_per_node) continue;
    most = std::max(most, further_latency(*cluster.fabric, cluster.gpus_per_node, first, last));
  }
  seen.scale_out.latency += most;
  return seen;
}

int nic_of(const Cluster& cluster, int gpu) {
  if (nic_works(cluster.failed_nics, gpu)) return gpu;
  const int node = cluster.gpus_per_node;
  const int first = gpu - gpu % node;
  std::vector<int> carried(static_cast<std::size_t>(node), 0);
  int carrier = gpu;
  // The node's GPUs choose one after another, each the next NIC of those that carry least.
  for (int other = first; other <= gpu; ++other) {
    if (nic_works(cluster.failed_nics, other)) continue;
    int least = -1;
    for (int step = 1; step < node; ++step) {
      const int place = (other - first + step) % node;
      if (!nic_works(cluster.failed_nics, first + place)) continue;
      if (least < 0 ||
          carried[static_cast<std::size_t>(place)] < carried[static_cast<std::size_t>(least)]) {
        least = place;
      }
    }
    ++carried[static_cast<std::size_t>(least)];
    carrier = first + least;
  }
  return carrier;
}

FileKeys cluster_keys() { return file_keys(cluster_fields()); }

Cluster load_cluster(const std::filesystem::path& file, const Source& named_at) {
  return decode_cluster(load_toml(file, named_at));
}

Cluster decode_cluster(const Node& root) {
  ClusterText text = decode(cluster_fields(), root);
  check_link(root, "scale_up", text.scale_up);
  check_link(root, "scale_out", text.scale_out);
  if (text.fabric) check_fabric(root, *text.fabric, text.nodes, text.gpus_per_node);
  check_nics(root, text);
  return {.name = std::move(text.name),
          .gpu = load_gpu(beside(text.gpu), text.gpu.source),
          .nodes = text.nodes,
          .gpus_per_node = text.gpus_per_node,
          .scale_up = std::move(text.scale_up),
          .scale_out = std::move(text.scale_out),
          .fabric = std::move(text.fabric),
          .failed_nics = std::move(text.failed_nics),
          .failed_nics_at = source_of(root, "failed_nics")};
}

}  // namespace windtunnel
