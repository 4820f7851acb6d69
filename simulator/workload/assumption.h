// What no source settles.
#pragma once

#include <string>

namespace windtunnel {

/// A value that no source settles, its 80 % range, and the reason for both.
template <typename T>
struct Assumption {
  T value;
  T low;
  T high;
  std::string why;
};

}  // namespace windtunnel
