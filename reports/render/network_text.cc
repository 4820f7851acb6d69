#include "reports/render/network_text.h"

#include <fmt/format.h>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

std::string fabric_lines(const NetworkFabric& fabric, bool sources) {
  std::string out =
      fmt::format("  {} switches, {} links between them, {} of at most {} GPUs\n",
                  format_count(fabric.switches), format_count(fabric.links),
                  format_count(fabric.endpoints), format_count(fabric.most_endpoints));
  out += fmt::format("  {} GB/s a GPU where all send across it ({} to 1), {} routing\n",
                     format_short(fabric.rate_per_gpu.value / 1e9, 3),
                     format_short(fabric.oversubscription, 3), fabric.routing);
  out += fmt::format("  {} to buy, {} a GPU ({} prices)\n", format_dollars(fabric.cost),
                     format_dollars(fabric.cost_per_endpoint), fabric.cost_basis);
  if (fabric.cost_low < fabric.cost_high) {
    out += fmt::format("    {} to {} by how published totals divide\n",
                       format_dollars(fabric.cost_low), format_dollars(fabric.cost_high));
  }
  if (!sources) return out;
  return out + "  network: " + fabric.source + "\n  prices: " + fabric.cost_source + "\n";
}

/// What is down, of each kind that has any.
std::string down_line(const NetworkProjection& network) {
  std::string down;
  const auto add = [&](int count, const char* what) {
    if (count == 0) return;
    down += down.empty() ? "" : ", ";
    down += format_number_of(static_cast<std::size_t>(count), what);
  };
  if (network.fabric) {
    add(network.fabric->failed_uplinks, "uplink");
    add(network.fabric->failed_core_links, "core link");
  }
  add(network.failed_nics, "NIC");
  return down.empty() ? "" : "  down: " + down + "\n";
}

}  // namespace

std::string network_text(const std::optional<NetworkProjection>& network, bool sources) {
  if (!network) return "";
  std::string out = "Network";
  if (network->fabric) out += ": " + network->fabric->kind;
  out += "\n";
  if (network->fabric) out += fabric_lines(*network->fabric, sources);
  out += down_line(*network);
  if (!network->assumption.empty()) out += "  " + network->assumption + "\n";
  return out + "\n";
}

}  // namespace windtunnel
