// A step of MLA decoding on a GPU or the device model: attention of the plan's pieces, then the
// merge of requests that were cut. One source an architecture; a program links those it needs.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/mla/decode_call.h"
#include "kernels/mla/decode_plan.h"

namespace windtunnel::device {

/// The plan must be of the call's lengths, queries and heads. Throws std::invalid_argument where
/// the scale is not positive or the plan's rows are not the call's.
LaunchReport decode_on_sm80(Gpu& gpu, const DecodePlan& plan, const DecodeCall& call);
LaunchReport decode_on_sm90(Gpu& gpu, const DecodePlan& plan, const DecodeCall& call);

/// The same from a cache in FP8, with the reference of what its codes and scales stand for.
LaunchReport decode_fp8_on_sm90(Gpu& gpu, const DecodePlan& plan, const DecodeCall& call);

}  // namespace windtunnel::device
