// Two stacks that hand control back and forth.
#include "kernels/device/model/fiber.h"

#include <string>

#include "gtest/gtest.h"

namespace windtunnel::device::model {
namespace {

// The entry of a fiber takes nothing, so what it talks to is here.
Fiber outside;
Fiber inside;
std::string story;

void entry() {
  begin_fiber(inside, outside);
  for (int i = 0; i < 3; ++i) {
    story += "in ";
    switch_fiber(inside, outside);
  }
  story += "end ";
  switch_fiber(inside, outside, true);
}

TEST(Fibers, KeepTheirPlace) {
  Stacks stacks;
  stacks.reserve(2, 64 << 10);
  prepare(inside, stacks.at(1), stacks.bytes(), &entry);
  story.clear();
  for (int i = 0; i < 4; ++i) {
    switch_fiber(outside, inside);
    story += "out ";
  }
  EXPECT_EQ(story, "in out in out in out end out ");
}

TEST(Fibers, StacksGrowOnRequest) {
  Stacks stacks;
  stacks.reserve(2, 64 << 10);
  const char* first = stacks.at(0);
  stacks.reserve(1, 64 << 10);
  EXPECT_EQ(stacks.at(0), first);
  stacks.reserve(10, 128 << 10);
  EXPECT_EQ(stacks.bytes(), std::size_t{128} << 10);
  stacks.at(9)[stacks.bytes() - 1] = 1;
}

}  // namespace
}  // namespace windtunnel::device::model
