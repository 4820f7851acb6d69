// The line of a kernel that asked for an operation.
#pragma once

namespace windtunnel::device::model {

/// As a default argument it names the caller's file and line.
struct Where {
  // Not explicit: `Where where = {}` is how every operation takes it.
  constexpr Where(const char* file_ = __builtin_FILE(), int line_ = __builtin_LINE())
      : file{file_}, line{line_} {}

  const char* file;
  int line;
};

}  // namespace windtunnel::device::model
