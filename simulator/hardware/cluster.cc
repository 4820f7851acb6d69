#include "simulator/hardware/cluster.h"

#include <utility>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"

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

Fields<ClusterText> cluster_fields() {
  return Fields<ClusterText>("cluster")
      .required("name", &ClusterText::name, "shown to people")
      .required("gpu", &ClusterText::gpu, "GPU file, relative to this one")
      .required("nodes", &ClusterText::nodes, between(1, 100'000), "nodes")
      .required("gpus_per_node", &ClusterText::gpus_per_node, between(1, 1024), "GPUs of a node")
      .table("scale_up", &ClusterText::scale_up, link_fields(), "between GPUs of a node")
      .table("scale_out", &ClusterText::scale_out, link_fields(), "a GPU's way to other nodes");
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

}  // namespace

const Link& path(const Cluster& cluster, int from, int to) {
  const bool same_node = from / cluster.gpus_per_node == to / cluster.gpus_per_node;
  return same_node ? cluster.scale_up : cluster.scale_out;
}

FileKeys cluster_keys() { return file_keys(cluster_fields()); }

Cluster load_cluster(const std::filesystem::path& file, const Source& named_at) {
  return decode_cluster(load_toml(file, named_at));
}

Cluster decode_cluster(const Node& root) {
  ClusterText text = decode(cluster_fields(), root);
  check_link(root, "scale_up", text.scale_up);
  check_link(root, "scale_out", text.scale_out);
  return {.name = std::move(text.name),
          .gpu = load_gpu(beside(text.gpu), text.gpu.source),
          .nodes = text.nodes,
          .gpus_per_node = text.gpus_per_node,
          .scale_up = std::move(text.scale_up),
          .scale_out = std::move(text.scale_out)};
}

}  // namespace windtunnel
