// Checked access to shared and global memory, for the operations of the model.
#pragma once

#include "kernels/device/model/grid.h"
#include "kernels/device/model/thread.h"

namespace windtunnel::device::model {

/// The bytes at a shared address; a failure outside the CTA's memory or badly aligned.
char* shared_bytes(const Cta& cta, u32 address, u64 bytes, u32 alignment, const char* what);
/// Records an access to shared memory and fails on a conflict.
void read_shared(const Cta& cta, u32 address, u32 bytes, const Access& access,
                 const Observer& observer);
void write_shared(const Cta& cta, u32 address, u32 bytes, const Access& access,
                  const Observer& observer, bool defines);

/// The buffer around [data, data + bytes); a failure where there is none, or badly aligned.
Allocation& buffer_of(const void* data, u64 bytes, u32 alignment, const char* what);
/// Records an access to global memory and fails on a conflict.
void read_global(const Allocation& buffer, const void* data, u64 bytes, const Access& access,
                 const Observer& observer);
void write_global(const Allocation& buffer, const void* data, u64 bytes, const Access& access,
                  const Observer& observer, bool defines);
/// Wakes whoever waits for the flag at `data` to change.
void wake_flags(const void* data, u64 bytes);

}  // namespace windtunnel::device::model
