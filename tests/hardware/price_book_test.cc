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

TEST(PriceBook, AMatrixIsReadWhereTheBenchmarkWritesIt) {
  const TemporaryFolder folder;
  const std::filesystem::path here = std::filesystem::current_path();
  std::filesystem::create_directories(folder.path / "bench/measurements/h100/windtunnel-overlap");
  std::filesystem::create_directory_symlink(here / "topologies", folder.path / "topologies");
  std::filesystem::create_directory_symlink(here / "bench/measurements/h800",
                                            folder.path / "bench/measurements/h800");
  folder.write("bench/measurements/h100/windtunnel-overlap/overlap.csv",
               "compute,compute_dtype,communication,communication_dtype,compute_sms,"
               "communication_sms,compute_alone_us,compute_beside_us,communication_alone_us,"
               "communication_beside_us\ngemm,bf16,loopback_dispatch,fp8,112,20,100,120,50,60\n");
  const PriceBook book = load_price_book(folder.path);
  ASSERT_NE(find_overlaps(book, "h100"), nullptr);
  EXPECT_EQ(find_overlaps(book, "h100")->cells.size(), 1U);
  EXPECT_EQ(find_overlaps(book, "h800"), nullptr);
  EXPECT_EQ(find_overlaps(load_price_book("."), "h100"), nullptr);
}

}  // namespace
}  // namespace windtunnel
