#include "simulator/profile/kernel_class.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(KernelClasses, NamesDecide) {
  for (const char* name :
       {"ncclKernel_AllReduce_RING", "ncclDevKernel_SendRecv(ncclDevKernelArgsStorage<4096ul>)",
        "nccl:all_to_all dispatch(F)", "void dpsk::ep::internode::dispatch<false, 8>(int4*)",
        "void deep_ep::intranode::combine<__nv_bfloat16>()", "hcclAllReduce",
        "void foo::ncclKernel_x"}) {
    EXPECT_EQ(kernel_class(name), KernelClass::kCommunication) << name;
  }
  EXPECT_EQ(kernel_class("Memcpy DtoD (Device -> Device)"), KernelClass::kMemory);
  EXPECT_EQ(kernel_class("Memset (Device)"), KernelClass::kMemory);
  EXPECT_EQ(kernel_class("void cutlass::Kernel<x>"), KernelClass::kCompute);
  EXPECT_EQ(kernel_class(""), KernelClass::kCompute);
  EXPECT_EQ(class_name(KernelClass::kCommunication), "communication");
}

}  // namespace
}  // namespace windtunnel
