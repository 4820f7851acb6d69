#include "reports/render/profile_json.h"

#include "reports/render/json_parts.h"

namespace windtunnel {
namespace {

using Json = OrderedJson;

Json device_json(const DeviceSummary& device) {
  return {{"device", device.device},
          {"span_s", number(device.span.value)},
          {"compute_s", number(device.compute.value)},
          {"communication_s", number(device.communication.value)},
          {"memory_s", number(device.memory.value)},
          {"overlapped_s", number(device.overlapped.value)},
          {"idle_s", number(device.idle.value)}};
}

Json stream_json(const StreamSummary& stream) {
  return {{"device", stream.device},
          {"stream", stream.stream},
          {"kernels", stream.kernels},
          {"busy_s", number(stream.busy.value)},
          {"compute_s", number(stream.compute.value)},
          {"communication_s", number(stream.communication.value)}};
}

Json phase_json(const PhaseSummary& phase) {
  return {{"name", phase.name},       {"on", phase.on_gpu ? "gpu" : "host"},
          {"count", phase.count},     {"total_s", number(phase.total.value)},
          {"kernels", phase.kernels}, {"kernel_time_s", number(phase.kernel_time.value)}};
}

Json kernel_json(const KernelSummary& kernel) {
  return {{"name", kernel.name},
          {"class", std::string(class_name(kernel.kind))},
          {"grid", kernel.grid.empty() ? Json() : Json(kernel.grid)},
          {"count", kernel.count},
          {"total_s", number(kernel.total.value)},
          {"median_s", number(kernel.median.value)},
          {"min_s", number(kernel.least.value)},
          {"max_s", number(kernel.most.value)}};
}

Json left_out_json(const UntimedKernels& left) {
  return {{"events", left.count}, {"first_byte", left.count > 0 ? Json(left.first_byte) : Json()}};
}

}  // namespace

std::string render_profile_json(const ProfileSummary& summary, const std::vector<InputFile>& inputs,
                                const BuildVersion& build) {
  Json out = document_head("windtunnel/trace_import", inputs, build);
  out["gpu"] = summary.gpu;
  out["rank"] = summary.rank ? Json(*summary.rank) : Json();
  out["world_size"] = summary.world_size ? Json(*summary.world_size) : Json();
  out["span_s"] = number(summary.whole.span.value);
  out["compute_s"] = number(summary.whole.compute.value);
  out["communication_s"] = number(summary.whole.communication.value);
  out["communication_hidden_fraction"] = number(summary.hidden_fraction);
  out["overlapped_s"] = number(summary.whole.overlapped.value);
  out["memory_s"] = number(summary.whole.memory.value);
  out["idle_s"] = number(summary.whole.idle.value);
  out["trace_span_s"] = number(summary.trace_span.value);
  out["events"] = summary.events;
  out["kernel_events"] = summary.kernel_events;
  out["left_out"] = {{"kernels_without_time", left_out_json(summary.timeless)},
                     {"begin_and_end_events", left_out_json(summary.open_ended)}};
  out["devices"] = list(summary.devices, device_json);
  out["streams"] = list(summary.streams, stream_json);
  out["phases"] = list(summary.phases, phase_json);
  out["kernels"] = list(summary.kernels, kernel_json);
  return document_text(out);
}

}  // namespace windtunnel
