#include "bench/harness/case.h"

#include <fmt/format.h>

#include <algorithm>

namespace windtunnel::bench {
namespace {

/// The axes with a meaning, between `separator`, name and value around `joint`.
std::string axes_text(const KernelShape& shape, std::string_view separator,
                      std::string_view joint) {
  std::string text;
  const auto add = [&](std::string_view name, std::int64_t value, std::int64_t unused) {
    if (value == unused) return;
    text += fmt::format("{}{}{}{}", text.empty() ? "" : separator, name, joint, value);
  };
  add("m", shape.m, 0);
  add("n", shape.n, 0);
  add("k", shape.k, 0);
  add("groups", shape.groups, 1);
  return text;
}

}  // namespace

std::string_view data_name(Data data) { return data == Data::kUniform ? "uniform" : "zeros"; }

std::string kernel_name(const Case& it) {
  return fmt::format("{}/{}/{}", operation_name(it.shape.operation), dtype_name(it.shape.dtype),
                     it.implementation);
}

std::string shape_text(const KernelShape& shape) { return axes_text(shape, " ", "="); }

std::string case_name(const Case& it) {
  return fmt::format("{}/{}/data:{}", kernel_name(it), axes_text(it.shape, "/", ":"),
                     data_name(it.data));
}

bool multiplies_fp8(const KernelShape& shape) {
  return shape.dtype == Dtype::kFp8 && shape.operation != Operation::kAttentionDecode;
}

Seconds floor_time(const KernelShape& shape, const Roof& roof) {
  const Work needed = work(shape);
  return std::max(needed.flops / (multiplies_fp8(shape) ? roof.fp8 : roof.bf16),
                  needed.bytes / roof.memory);
}

}  // namespace windtunnel::bench
