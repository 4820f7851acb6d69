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

std::string document_text(const OrderedJson& document) {
  return document.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace windtunnel
