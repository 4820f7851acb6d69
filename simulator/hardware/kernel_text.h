// A kernel in one line, as --explain, traces and annotations spell it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernels/shapes/ops.h"

namespace windtunnel {

/// `gemm fp8 m=4096 n=1536 k=7168`: operation, dtype, and the sizes that it has (groups above 1).
std::string kernel_text(const KernelShape& shape);

/// The kernel of such a text; nothing for any other.
std::optional<KernelShape> parse_kernel_text(std::string_view text);

}  // namespace windtunnel
