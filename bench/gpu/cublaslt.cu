#include <cublasLt.h>

#include <stdexcept>

#include "bench/cases/gemm_cases.cuh"
#include "bench/gpu/cublaslt.h"

namespace windtunnel::bench {
namespace {

void check(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw std::runtime_error(std::string(call) + ": " + cublasLtGetStatusString(status));
}

constexpr std::size_t kWorkspace = 32U << 20U;

/// Row-major y = x w^T is column-major y^T = w x^T: w is stored k x n and transposed.
class Matmul {
 public:
  explicit Matmul(const KernelShape& shape) {
    check(cublasLtCreate(&handle_), "cublasLtCreate");
    check(cublasLtMatmulDescCreate(&product_, CUBLAS_COMPUTE_32F, CUDA_R_32F), "desc");
    const cublasOperation_t transposed = CUBLAS_OP_T;
    check(cublasLtMatmulDescSetAttribute(product_, CUBLASLT_MATMUL_DESC_TRANSA, &transposed,
                                         sizeof(transposed)),
          "transposed");
    const auto m = static_cast<std::uint64_t>(shape.m);
    const auto n = static_cast<std::uint64_t>(shape.n);
    const auto k = static_cast<std::uint64_t>(shape.k);
    check(cublasLtMatrixLayoutCreate(&w_, CUDA_R_16BF, k, n, shape.k), "w");
    check(cublasLtMatrixLayoutCreate(&x_, CUDA_R_16BF, k, m, shape.k), "x");
    check(cublasLtMatrixLayoutCreate(&y_, CUDA_R_16BF, n, m, shape.n), "y");
    cublasLtMatmulPreference_t preference = nullptr;
    check(cublasLtMatmulPreferenceCreate(&preference), "preference");
    check(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                               &kWorkspace, sizeof(kWorkspace)),
          "workspace");
    int found = 0;
    const cublasStatus_t asked = cublasLtMatmulAlgoGetHeuristic(handle_, product_, w_, x_, y_, y_,
                                                                preference, 1, &chosen_, &found);
    cublasLtMatmulPreferenceDestroy(preference);
    check(asked, "cublasLtMatmulAlgoGetHeuristic");
    if (found == 0) throw std::runtime_error("cuBLASLt has no algorithm for this shape");
  }
  Matmul(const Matmul&) = delete;
  Matmul& operator=(const Matmul&) = delete;
  ~Matmul() {
    cublasLtMatrixLayoutDestroy(w_);
    cublasLtMatrixLayoutDestroy(x_);
    cublasLtMatrixLayoutDestroy(y_);
    cublasLtMatmulDescDestroy(product_);
    cublasLtDestroy(handle_);
  }

  std::string run(const device::bf16* x, const device::bf16* w, device::bf16* y, void* workspace,
                  cudaStream_t stream) const {
    const float one = 1;
    const float zero = 0;
    const cublasStatus_t status =
        cublasLtMatmul(handle_, product_, &one, w, w_, x, x_, &zero, y, y_, y, y_, &chosen_.algo,
                       workspace, kWorkspace, stream);
    return status == CUBLAS_STATUS_SUCCESS ? "" : cublasLtGetStatusString(status);
  }

 private:
  cublasLtHandle_t handle_ = nullptr;
  cublasLtMatmulDesc_t product_ = nullptr;
  cublasLtMatrixLayout_t w_ = nullptr;
  cublasLtMatrixLayout_t x_ = nullptr;
  cublasLtMatrixLayout_t y_ = nullptr;
  cublasLtMatmulHeuristicResult_t chosen_ = {};
};

}  // namespace

Prepared prepare_cublaslt(device::Gpu& gpu, const KernelShape& shape, Data data) {
  const auto host = std::make_shared<const Product<device::bf16>>(
      Product<device::bf16>{.a = operand<device::bf16>(1, shape.m, shape.k, 1, data, 12),
                            .b = operand<device::bf16>(1, shape.n, shape.k, 1, data, 13),
                            .n = shape.n,
                            .group_rows = shape.m});
  const auto x = upload(gpu, host->a.values, "x");
  const auto w = upload(gpu, host->b.values, "w");
  const auto y = output<device::bf16>(gpu, shape.m * shape.n, "y");
  const auto workspace = output<device::u8>(gpu, kWorkspace, "workspace");
  const auto product = std::make_shared<const Matmul>(shape);
  Prepared prepared;
  prepared.footprint = bytes_of(x, w, y);
  prepared.poison = [y] { y->poison(); };
  prepared.launch = [=, &gpu]() -> Launched {
    std::string failure =
        product->run(x->data(), w->data(), y->data(), workspace->data(), gpu.stream());
    if (failure.empty() && gpu.waits()) {
      const cudaError_t error = cudaDeviceSynchronize();
      if (error != cudaSuccess) failure = cudaGetErrorString(error);
    }
    return {.failure = std::move(failure)};
  };
  prepared.check = [=] { return check_product(*host, y->download(), sampled_rows(shape.m), 0); };
  return prepared;
}

}  // namespace windtunnel::bench
