#include "simulator/hardware/price_shelf.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "simulator/base/threads.h"
#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

Price price_of(double seconds) {
  return {Seconds{seconds}, Seconds{seconds}, Seconds{seconds},
          Provenance(Basis::kMeasured, "a test", false)};
}

TableSource gemm_source(const Gpu& gpu) { return *find_source(shipped(), "gemm", gpu); }

TEST(PriceShelf, AShapeIsPricedOnce) {
  PriceShelf shelf;
  const TableSource source = gemm_source(shipped_gpu("h100"));
  int made = 0;
  const auto price = [&](double m) {
    return shelf
        .of(source, {"bfloat16"}, {m, 1, 1},
            [&] {
              ++made;
              return std::optional(std::vector{price_of(m)});
            })
        ->front()
        .time.value;
  };
  EXPECT_EQ(price(2), 2);
  EXPECT_EQ(price(3), 3);
  EXPECT_EQ(price(2), 2);
  EXPECT_EQ(made, 2);
}

TEST(PriceShelf, WhatWasNeverMeasuredIsRememberedToo) {
  PriceShelf shelf;
  int made = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(shelf.of(gemm_source(shipped_gpu("h100")), {"int2"}, {1, 1, 1}, [&] {
      ++made;
      return PriceShelf::Prices{};
    }));
  }
  EXPECT_EQ(made, 1);
}

// A scenario's own file may give another memory to a GPU that is called the same.
TEST(PriceShelf, AGpuOfTheSameNameIsNotTheSame) {
  Gpu slower = shipped_gpu("a800");
  slower.memory_rate = slower.memory_rate / 2;
  const std::vector<double> axes{4096, 4096, 4096};
  const Price known =
      known_shape_prices(shipped(), "gemm", shipped_gpu("a800"), {"bfloat16"}, axes).front();
  const Price other = known_shape_prices(shipped(), "gemm", slower, {"bfloat16"}, axes).front();
  EXPECT_EQ(known.time, other.time);
  EXPECT_DOUBLE_EQ(other.high.value, known.high.value * 2);
}

TEST(PriceShelf, ItBeginsAnewBeforeItFillsTheMemory) {
  PriceShelf shelf;
  const TableSource source = gemm_source(shipped_gpu("h100"));
  int made = 0;
  const auto ask = [&](std::size_t shape) {
    const double m = static_cast<double>(shape);
    const auto prices = shelf.of(source, {}, {m}, [&] {
      ++made;
      return std::optional(std::vector{price_of(m)});
    });
    EXPECT_EQ(prices->front().time.value, m);
  };
  for (std::size_t shape = 0; shape < PriceShelf::kMostKept; ++shape) ask(shape);
  ask(0);
  EXPECT_EQ(made, static_cast<int>(PriceShelf::kMostKept) + 1);
  ask(0);
  EXPECT_EQ(made, static_cast<int>(PriceShelf::kMostKept) + 1);
}

TEST(PriceShelf, ThreadsGetTheSame) {
  PriceShelf shelf;
  const TableSource source = gemm_source(shipped_gpu("h100"));
  std::vector<double> seconds(1000);
  parallel_for(1000, 4, [&](int index) {
    const double m = index % 10;
    seconds[static_cast<std::size_t>(index)] =
        shelf.of(source, {}, {m}, [&] { return std::optional(std::vector{price_of(m)}); })
            ->front()
            .time.value;
  });
  for (int index = 0; index < 1000; ++index) {
    EXPECT_EQ(seconds[static_cast<std::size_t>(index)], index % 10);
  }
}

}  // namespace
}  // namespace windtunnel
