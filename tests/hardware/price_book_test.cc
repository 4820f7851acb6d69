#include "simulator/hardware/price_book.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

TEST(PriceBook, OfTheShippedTreeKnowsEveryGpuAndTheProfile) {
  const PriceBook book = load_price_book(".");
  for (const char* id : {"a100", "a800", "h100", "h200", "h800"}) {
    EXPECT_NE(find_gpu(book.tables.gpus, id), nullptr) << id;
  }
  const Gpu& gpu = *find_gpu(book.tables.gpus, "h800");
  const KernelShape output{.operation = Operation::kGemm,
                           .dtype = Dtype::kFp8,
                           .m = 4096,
                           .n = 7168,
                           .k = 16384,
                           .groups = 1};
  const Price price = step_price(book.step, gpu, output, 112);
  EXPECT_EQ(price.provenance.basis, Basis::kMeasured);
  // The profile's four launches of the output projection last 885 to 925 us.
  EXPECT_GT(price.time.value, 880e-6);
  EXPECT_LT(price.time.value, 930e-6);
}

TEST(PriceBook, WithoutMeasurementsIsAnErrorAndNotAnEmptyBook) {
  const TemporaryFolder folder;
  EXPECT_THROW(load_price_book(folder.path), UsageError);
}

}  // namespace
}  // namespace windtunnel
