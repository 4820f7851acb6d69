// What a kernel includes: the PTX vocabulary, for nvcc as inline assembly, for any other compiler
// as the device model. README.md lists it.
#pragma once

#include "kernels/device/layout.h"
#include "kernels/device/scope.h"
#include "kernels/device/tensor_map.h"
#include "kernels/device/types.h"

#if defined(__CUDACC__)
#include "kernels/device/cuda/vocabulary.cuh"
#else
#include "kernels/device/model/vocabulary.h"
#endif
