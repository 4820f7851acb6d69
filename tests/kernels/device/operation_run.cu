// Runs the table of operations on the GPU at hand and says which do otherwise than the table.
#include <cstdio>
#include <exception>
#include <string>

#include "tests/kernels/device/operation_table.h"

int main() {
  using namespace windtunnel::device;
  int wrong = 0;
  try {
    Gpu gpu;
    for (const OperationCase& it : operation_table()) {
      const std::string difference = run_case(gpu, it);
      std::printf("%s\n", difference.empty() ? (it.name + ": fine").c_str() : difference.c_str());
      if (!difference.empty()) ++wrong;
    }
  } catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return 2;
  }
  return wrong == 0 ? 0 : 1;
}
