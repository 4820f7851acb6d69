// Buffers of the model's global memory.
#include "kernels/device/model/memory.h"

#include "gtest/gtest.h"

namespace windtunnel::device::model {
namespace {

TEST(Memory, FindsTheBufferAroundAnAddress) {
  Memory memory({});
  Allocation& a = memory.allocate(100, "a");
  Allocation& b = memory.allocate(64, "b");
  EXPECT_EQ(memory.find(a.data, 100), &a);
  EXPECT_EQ(memory.find(a.data + 99, 1), &a);
  EXPECT_EQ(memory.find(a.data + 99, 2), nullptr);
  EXPECT_EQ(memory.find(b.data, 64), &b);
  EXPECT_EQ(memory.find(b.data - 1, 1), nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b.data) % 256, 0U);
  EXPECT_EQ(memory.place(a.data + 8), "a + 8 (of 100 bytes)");
  EXPECT_EQ(memory.place(nullptr), "an address before every buffer");
}

TEST(Memory, ForgetsWhatIsFreed) {
  Memory memory({});
  char* data = memory.allocate(16, "a").data;
  EXPECT_NE(memory.find(data, 16), nullptr);
  memory.free(data);
  EXPECT_EQ(memory.find(data, 16), nullptr);
}

}  // namespace
}  // namespace windtunnel::device::model
