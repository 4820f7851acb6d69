// The vocabulary, for nvcc: one PTX instruction a function (sm_80; what is sm_90a says so).
#pragma once

#include "kernels/device/cuda/arithmetic.cuh"
#include "kernels/device/cuda/barrier.cuh"
#include "kernels/device/cuda/bulk.cuh"
#include "kernels/device/cuda/copy_async.cuh"
#include "kernels/device/cuda/global.cuh"
#include "kernels/device/cuda/matrix.cuh"
#include "kernels/device/cuda/shared.cuh"
#include "kernels/device/cuda/warp.cuh"
#include "kernels/device/cuda/wgmma.cuh"
