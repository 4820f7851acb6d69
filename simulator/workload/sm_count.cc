#include "simulator/workload/sm_count.h"

#include <string>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

constexpr const char* kAll = "all";
constexpr const char* kRest = "all but communication.sms";
constexpr int kAllCode = 0;
constexpr int kRestCode = -1;

int read_sm_count(const Node& node, const FieldForm& number) {
  if (const auto* text = std::get_if<std::string>(&node.value)) {
    if (*text == kAll) return kAllCode;
    if (*text == kRest) return kRestCode;
  } else if (std::holds_alternative<std::int64_t>(node.value)) {
    return static_cast<int>(read_integer(node, number));
  }
  throw ConfigError(
      node.source, "not a number of SMs",
      std::string("\"") + kAll + "\", \"" + kRest + "\", or " + accepted_text(number));
}

}  // namespace

Form<int> sm_count_form() {
  FieldForm written = names_form();
  written.names = {kAll, kRest};
  written.range = between(1, 1024);
  const FieldForm number = integer_form(between(1, 1024), 1024);
  return {written, [number](const Node& node) { return read_sm_count(node, number); }};
}

int resolved_sms(int written, int gpu_sms, int communication_sms) {
  if (written == kAllCode) return gpu_sms;
  return written == kRestCode ? gpu_sms - communication_sms : written;
}

}  // namespace windtunnel
