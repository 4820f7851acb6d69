// Between logarithms of base 2, which the hardware takes, and natural ones.
#pragma once

namespace windtunnel::device {

inline constexpr float kLog2E = 1.44269504088896340736F;
inline constexpr float kLn2 = 0.69314718055994530942F;

}  // namespace windtunnel::device
