// Correct arithmetic on quantities, and with -DMIXUP=n one mistake that must not compile.
#include "kernels/shapes/units.h"

namespace windtunnel {

constexpr Bytes kSize{8e9};
constexpr BytesPerSecond kRate{4e9};
constexpr Seconds kTime = kSize / kRate;
static_assert(kTime == Seconds{2});

#ifndef MIXUP
#define MIXUP 0
#endif

#if MIXUP == 1
constexpr auto kSum = kTime + kSize;
#elif MIXUP == 2
constexpr Bytes kQuotient = kSize / kRate;
#elif MIXUP == 3
constexpr Seconds kBare = 2.0;
#elif MIXUP == 4
constexpr auto kWrongRate = Flops{1} / kRate;
#elif MIXUP == 5
const Picoseconds kClock = to_picoseconds(2.0);
#elif MIXUP == 6
constexpr bool kLess = kTime < to_seconds(Picoseconds{1}) && kTime < Picoseconds{1};
#elif MIXUP == 7
constexpr auto kProduct = kTime * kTime;
#endif

}  // namespace windtunnel
