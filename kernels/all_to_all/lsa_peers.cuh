// Peers on GPUs of their own, within reach of loads and stores (NVLink): slabs are windows of
// NCCL's symmetric memory, found by its device API (2.28). One node; the fabric between nodes has
// no pointers.
#pragma once

#include <nccl_device.h>

#include "kernels/all_to_all/peers.cuh"

namespace windtunnel::device {

/// `window`: the slabs, registered by all ranks of the node together (ncclCommWindowRegister,
/// symmetric); `rank`: ours among them. The grid is the rank's `blocks`, all resident at once.
struct LsaPeers {
  ncclWindow_t window = nullptr;
  int rank = 0;

  __device__ __forceinline__ u8* slab(int peer) const {
    return static_cast<u8*>(ncclGetLsaPointer(window, 0, peer));
  }
  __device__ __forceinline__ Self self(const World& /*world*/) const {
    return {rank, static_cast<int>(blockIdx.x), 0};
  }
};

}  // namespace windtunnel::device
