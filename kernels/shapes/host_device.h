// Index arithmetic that kernels and their CPU tests share says so with this mark.
#pragma once

#ifdef __CUDACC__
#define WT_HOST_DEVICE __host__ __device__
#else
#define WT_HOST_DEVICE
#endif
