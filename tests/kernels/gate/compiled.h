// What nvcc made of the kernels: kernels/gate/nvcc leaves it beside each object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace windtunnel {

/// A kernel for one architecture. `name` is without namespaces and parameters:
/// `gemm_sm90<128, 256, (Major)0, bf16>`. `shared` is what it declares itself; a launch may add
/// more (GemmPlan::shared_bytes).
struct CompiledKernel {
  std::string arch;  ///< `sm_80`, `sm_90a`
  std::string name;
  std::string symbol;
  int registers;
  int stack;
  int spilled;
  int shared;
};

/// From the output of `ptxas -v`, in its order.
std::vector<CompiledKernel> compiled_kernels(std::string_view ptxas);

/// The body of the entry `symbol`, or nothing where the text has none.
std::string_view entry_of(std::string_view ptx, std::string_view symbol);

/// `gemm_sm90` of `gemm_sm90<128, 256, (Major)0, bf16>`.
std::string_view family_of(std::string_view name);

}  // namespace windtunnel
