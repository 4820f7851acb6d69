#include "simulator/hardware/collective_price.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

TEST(CollectivePrice, TwoBytesAnElement) {
  // nccl on H100: all_gather of 256 elements among 2 GPUs takes 5.31 us.
  const Price price = collective_price(shipped(), shipped_gpu("h100"), "all_gather", 2, Bytes{512});
  EXPECT_DOUBLE_EQ(price.time.value, 5.31e-6);
}

TEST(CollectivePrice, BusBandwidthStaysBelowTheLinks) {
  for (const char* gpu : {"a100", "a800", "h100", "h800"}) {
    const Bytes bytes{2.0 * 134217728};
    const Price price = collective_price(shipped(), shipped_gpu(gpu), "all_gather", 8, bytes);
    const double bus = bytes.value * 7 / 8 / price.time.value;
    EXPECT_LT(bus, shipped_gpu(gpu).nvlink.value) << gpu;
    EXPECT_GT(bus, 0.5 * shipped_gpu(gpu).nvlink.value) << gpu;
  }
}

TEST(CollectivePrice, AnUnknownOperationIsAnError) {
  EXPECT_THROW(collective_price(shipped(), shipped_gpu("h100"), "gossip", 8, Bytes{1e6}),
               std::invalid_argument);
}

}  // namespace
}  // namespace windtunnel
