// How far an ordering operation reaches, and which order it makes.
#pragma once

namespace windtunnel::device {

/// The threads that synchronise with an operation: of the CTA, of the GPU, or of every GPU (and,
/// in the model, of every virtual rank).
enum class Scope { kCta, kGpu, kSys };

enum class Order { kRelaxed, kAcquire, kRelease, kAcqRel };

}  // namespace windtunnel::device
