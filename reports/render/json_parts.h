// What every document is made of.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reports/render/version.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

using OrderedJson = nlohmann::ordered_json;

/// A number in full; null for what is not finite or not there.
OrderedJson number(double value);
OrderedJson number(std::optional<double> value);

/// Bytes, tokens and steps are counts: written without a fraction where they have none.
OrderedJson whole(double value);

template <typename Items, typename Render>
OrderedJson list(const Items& items, Render render) {
  OrderedJson out = OrderedJson::array();
  for (const auto& item : items) out.push_back(render(item));
  return out;
}

/// Schema, version, program and inputs: how a document begins.
OrderedJson document_head(const char* schema, const std::vector<InputFile>& inputs,
                          const BuildVersion& build);

/// A published figure beside its projection.
OrderedJson comparison_json(const ComparisonRow& row);

OrderedJson network_json(const NetworkProjection& network);

OrderedJson engine_json(const EngineStatistics& engine);

/// Indented, with a newline last. Names come from files: a byte that is not UTF-8 becomes U+FFFD.
std::string document_text(const OrderedJson& document);

}  // namespace windtunnel
