#include "reports/render/json_parts.h"

#include <cmath>

#include "reports/render/format.h"

namespace windtunnel {

OrderedJson number(double value) {
  return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

OrderedJson number(std::optional<double> value) {
  return value ? number(*value) : OrderedJson(nullptr);
}

OrderedJson whole(double value) {
  constexpr double kExactIntegers = 9007199254740992.0;  // 2^53
  const bool exact = std::abs(value) < kExactIntegers && value == std::round(value);
  return exact ? OrderedJson(static_cast<std::int64_t>(value)) : number(value);
}

OrderedJson document_head(const char* schema, const std::vector<InputFile>& inputs,
                          const BuildVersion& build) {
  OrderedJson out;
  out["schema"] = schema;
  out["version"] = 1;
  out["windtunnel"] = {{"version", build.version}, {"commit", build.commit}};
  out["inputs"] = list(inputs, [](const InputFile& file) {
    return OrderedJson{{"path", file.path}, {"hash", file.hash}};
  });
  return out;
}

OrderedJson comparison_json(const ComparisonRow& row) {
  OrderedJson out = {{"model", row.model},
                     {"quantity", row.quantity},
                     {"unit", row.unit},
                     {"published", number(row.published)},
                     {"projected", number(row.projected)},
                     {"low", number(row.low)},
                     {"high", number(row.high)},
                     {"error", number(row.error)},
                     {"tolerance", number(row.tolerance)},
                     {"provenance", row.provenance},
                     {"source", row.source},
                     {"comparable", row.comparable},
                     {"reason", row.reason}};
  if (!row.set.empty()) out["set"] = row.set;
  return out;
}

OrderedJson engine_json(const EngineStatistics& engine) {
  return {{"fidelity", engine.fidelity},
          {"ranks", engine.ranks},
          {"ops", engine.ops},
          {"wall_s", number(engine.wall.value)},
          {"ops_per_s", number(share(static_cast<double>(engine.ops), engine.wall.value))},
          {"peak_rss_bytes", whole(engine.peak_rss.value)},
          {"threads", engine.threads}};
}

OrderedJson network_json(const NetworkProjection& network) {
  OrderedJson out = OrderedJson::object();
  if (const auto& fabric = network.fabric) {
    out = {{"kind", fabric->kind},
           {"routing", fabric->routing},
           {"oversubscription", number(fabric->oversubscription)},
           {"switches", fabric->switches},
           {"links", fabric->links},
           {"endpoints", fabric->endpoints},
           {"most_endpoints", fabric->most_endpoints},
           {"bytes_per_s_per_gpu", number(fabric->rate_per_gpu.value)},
           {"failed_uplinks", fabric->failed_uplinks},
           {"failed_core_links", fabric->failed_core_links},
           {"source", fabric->source},
           {"cost_usd", number(fabric->cost.value)},
           {"cost_per_endpoint_usd", number(fabric->cost_per_endpoint.value)},
           {"cost_provenance", fabric->cost_basis},
           {"cost_source", fabric->cost_source}};
  }
  if (network.fabric && network.fabric->cost_low < network.fabric->cost_high) {
    out["cost_low_usd"] = number(network.fabric->cost_low.value);
    out["cost_high_usd"] = number(network.fabric->cost_high.value);
  }
  out["failed_nics"] = network.failed_nics;
  if (!network.assumption.empty()) out["assumption"] = network.assumption;
  return out;
}

std::string document_text(const OrderedJson& document) {
  return document.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace windtunnel
