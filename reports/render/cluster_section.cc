#include "reports/render/cluster_section.h"

#include <fmt/format.h>

#include "reports/render/format.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"

namespace windtunnel {
namespace {

DataTable table_of(const std::string& name) {
  return {.columns = {{"quantity", false}, {"value", true}, {"source", false}},
          .rows = {},
          .name = name};
}

void add_fabric(const NetworkFabric& fabric, DataTable& table) {
  const DataCell built{.text = fabric.source, .source = true};
  table.rows.push_back({{"kind"}, {fabric.kind}, built});
  table.rows.push_back({{"switches"}, {format_count(fabric.switches)}, built});
  table.rows.push_back({{"links between switches"}, {format_count(fabric.links)}, built});
  table.rows.push_back({{"rate of a GPU where all send across it, GB/s"},
                        {format_short(fabric.rate_per_gpu.value / 1e9, 3)},
                        {fmt::format("{} to 1 oversubscribed, {} routing",
                                     format_short(fabric.oversubscription, 3), fabric.routing)}});
  table.rows.push_back({{"to buy"},
                        {format_dollars(fabric.cost), fabric.cost_basis},
                        {.text = fabric.cost_source, .source = true}});
  if (fabric.cost_low < fabric.cost_high) {
    table.rows.push_back(
        {{"its range"},
         {format_dollars(fabric.cost_low) + " to " + format_dollars(fabric.cost_high)},
         {"by how published totals divide"}});
  }
  table.rows.push_back({{"a GPU"},
                        {format_dollars(fabric.cost_per_endpoint), fabric.cost_basis},
                        {fmt::format("{} prices", fabric.cost_basis)}});
}

void add_down(const char* what, int count, DataTable& table) {
  if (count > 0) table.rows.push_back({{what}, {format_count(count)}, {"the cluster"}});
}

}  // namespace

std::string network_section(const std::optional<NetworkProjection>& of) {
  if (!of) return "";
  const NetworkProjection& network = *of;
  DataTable table = table_of("Network");
  std::string out = "<h2>Network</h2>\n";
  if (network.fabric) {
    add_fabric(*network.fabric, table);
    add_down("uplinks down", network.fabric->failed_uplinks, table);
    add_down("core links down", network.fabric->failed_core_links, table);
  }
  add_down("NICs down", network.failed_nics, table);
  if (!table.rows.empty()) out += render_table(table);
  if (network.assumption.empty()) return out;
  return out + "<p>" + escape(network.assumption) + "</p>\n";
}

namespace {

std::string skew(const SkewProjection& skew) {
  DataTable table = table_of("Ranks that are not alike");
  const auto times = [](double factor) { return format_fixed(factor, 3) + " x"; };
  const auto add = [&](const std::string& what, const std::string& value, const std::string& why) {
    table.rows.push_back({{what}, {value}, {why}});
  };
  if (!skew.layers.empty()) {
    add("fullest rank of an expert group over the mean", times(skew.plain), "mean of the layers");
  }
  if (!skew.policy.empty()) {
    add(fmt::format("the same with {} copies a layer", skew.redundant), times(skew.placed),
        skew.policy + " balancer");
  }
  if (skew.folded_step && skew.folded_without_balancer) {
    add("step with the balancer", format_seconds(*skew.folded_step),
        format_seconds(*skew.folded_without_balancer) + " without");
  }
  if (skew.slowest != 1) add("kernels on the slowest GPU", times(skew.slowest), "the scenario");
  if (skew.jitter > 0) add("jitter of every op", format_percent(skew.jitter), "assumed");
  return "<h2>Ranks that are not alike</h2>\n" + render_table(table);
}

}  // namespace

std::string cluster_section(const Projection& projection) {
  std::string out = network_section(projection.network);
  if (projection.skew) out += skew(*projection.skew);
  return out;
}

}  // namespace windtunnel
