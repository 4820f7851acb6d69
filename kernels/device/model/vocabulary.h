// The vocabulary, model side.
#pragma once

// First, because the others use CUDA's built-in names.
#include "kernels/device/model/thread_index.h"
// Then in any order.
#include "kernels/device/model/arithmetic.h"
#include "kernels/device/model/barrier.h"
#include "kernels/device/model/bulk.h"
#include "kernels/device/model/copy_async.h"
#include "kernels/device/model/global.h"
#include "kernels/device/model/matrix.h"
#include "kernels/device/model/shared.h"
#include "kernels/device/model/warp.h"
#include "kernels/device/model/wgmma.h"
