// What a run of the device model does, and how strictly it judges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace windtunnel::device {

/// When a warp's wgmma may be seen to end: with the warp's own quarter, or with all four quarters
/// of its warpgroup. PTX promises no more than the first, so a kernel that releases a buffer for
/// its warpgroup from one warp passes only with the second.
enum class WgmmaCompletion { kPerWarp, kPerWarpgroup };

/// Options of the model; every default is the strictest reading that correct kernels pass.
struct ModelOptions {
  /// Chooses schedule, landing times, elected lanes and the base of shared memory.
  std::uint64_t seed = 1;
  /// Happens-before: two conflicting accesses without an order between them fail.
  bool races = true;
  /// Reads of memory that nobody wrote, or that an asynchronous copy has yet to fill, fail.
  bool definedness = true;
  /// The writer itself must execute fence.proxy.async before others pass its data to the async
  /// proxy. Off: a fence by the thread that issues the copy is enough, if it comes after the
  /// barrier.
  bool strict_proxy_fence = false;
  /// Off: round robin, and whatever is asynchronous lands at once. For comparing detectors.
  bool adversarial = true;
  WgmmaCompletion wgmma_completion = WgmmaCompletion::kPerWarp;
  /// Every launch keeps all CTAs resident, also those whose shape does not ask for it.
  bool co_resident = false;
  /// Bits of the sum that an E4M3 wgmma keeps below its largest product: Hopper has about 13, so 14
  /// significant ones. 0 sums in FP32.
  int fp8_accumulator_bits = 0;
  /// Steps of the scheduler after which a launch counts as livelocked.
  std::uint64_t step_limit = 400'000'000;
  /// Where set, CTAs that are resident together take turns as this says and not the seed: a CTA
  /// runs on until it must wait, or is about to change a flag of kSys. Then this is told how many
  /// can go on and chooses one; 0 is the running one, if it can. For tests that walk every order of
  /// such steps.
  std::function<std::uint32_t(std::uint32_t count)> choose = {};
  /// What to type to run the failing case again, without the seed's variable; printed when set.
  std::string replay = {};
};

}  // namespace windtunnel::device
