#include "simulator/profile/profile_folder.h"

#include <gtest/gtest.h>

#include "simulator/hardware/manifest.h"
#include "simulator/hardware/step_price.h"
#include "tests/base/temporary_folder.h"
#include "tests/profile/profiles.h"

namespace windtunnel {
namespace {

constexpr const char* kGemm = "gemm fp8 m=4096 n=1536 k=7168";

const std::vector<Gpu>& gpus() {
  static const std::vector<Gpu> kGpus = load_gpus("topologies/gpus");
  return kGpus;
}

/// Two kernels in one annotation with a shape, inside a phase; one whose name is a shape; one
/// without.
Profile shaped_profile() {
  return profile_of(file_of(
      {event("gpu_user_annotation", "attn(F)", "7", "0", "100"),
       event("gpu_user_annotation", kGemm, "7", "10", "50"),
       kernel("cutlass<a, b>", "7", "10", "30"), kernel("reduce", "7", "42", "10"),
       kernel("rms_norm bf16 m=4096 n=7168", "7", "70", "20"), kernel("other", "7", "95", "5")}));
}

TEST(ShapedLaunches, NamesAndAnnotationsSayShapes) {
  const ShapedLaunches found = shaped_launches(shaped_profile(), {});
  ASSERT_EQ(found.launches.size(), 2U);
  EXPECT_EQ(found.launches[0].shape,
            (KernelShape{Operation::kGemm, Dtype::kFp8, 4096, 1536, 7168, 1}));
  EXPECT_EQ(found.launches[0].nanoseconds, 40000);
  EXPECT_EQ(found.launches[0].phase, "attn(F)");
  EXPECT_EQ(found.launches[1].shape.operation, Operation::kRmsNorm);
  EXPECT_EQ(found.launches[1].nanoseconds, 20000);
  EXPECT_EQ(found.kernels, 3);
  EXPECT_EQ(found.unshaped_kernels, 1);
  EXPECT_EQ(found.unshaped_nanoseconds, 5000);
}

TEST(GpuOfDevice, FindsTheIdAmongTheWords) {
  EXPECT_EQ(gpu_of_device(gpus(), "NVIDIA H800")->id, "h800");
  EXPECT_EQ(gpu_of_device(gpus(), "NVIDIA A100-SXM4-80GB")->id, "a100");
  EXPECT_EQ(gpu_of_device(gpus(), "NVIDIA A100-40GB")->id, "a100-40gb");
  EXPECT_EQ(gpu_of_device(gpus(), "NVIDIA H800 SXM5 80 GB")->id, "h800");
  EXPECT_EQ(gpu_of_device(gpus(), "NVIDIA GH2000"), nullptr);
  EXPECT_EQ(gpu_of_device(gpus(), ""), nullptr);
}

TEST(ProfileFiles, PriceWhatWasProfiledAndNothingElse) {
  const TemporaryFolder folder;
  const Profile profile = shaped_profile();
  for (const auto& [name, text] :
       profile_files(profile, shaped_launches(profile, {}), *find_gpu(gpus(), "h800"),
                     {.profile = "run\",1.json",
                     .device = "NVIDIA H800",
                     .date = "2026-01-02",
                     .compute_sms = 112})) {
    folder.write(name, text);
  }
  EXPECT_EQ(load_manifest(folder.path).gpu, "h800");
  const StepMeasurements own = load_profiled_kernels(folder.path, gpus());
  const Gpu& gpu = *find_gpu(gpus(), "h800");
  const KernelShape shape{Operation::kGemm, Dtype::kFp8, 4096, 1536, 7168, 1};
  const auto price = traced_price(own, gpu, shape, 112);
  ASSERT_TRUE(price);
  EXPECT_NEAR(price->time.value, 40e-6, 1e-12);
  EXPECT_EQ(price->provenance.basis, Basis::kMeasured);
  EXPECT_NE(price->provenance.source.find("own profile run';1.json"), std::string::npos);
  const KernelShape other{Operation::kGemm, Dtype::kBf16, 4096, 1536, 7168, 1};
  EXPECT_FALSE(traced_price(own, gpu, other, 112));
  EXPECT_FALSE(traced_price(own, *find_gpu(gpus(), "a100"), shape, 108));
}

TEST(CommunicationSms, AreTheBlocksOfTheUsualGrid) {
  const auto transfer = [](const char* grid, const char* length) {
    std::string text = kernel("ncclDevKernel_SendRecv", "20", "0", length);
    text.pop_back();
    return text + R"(,"args":{"grid":)" + grid + "}}";
  };
  EXPECT_EQ(communication_sms(profile_of(file_of(
                {transfer("[20,1,1]", "9"), transfer("[4,2,1]", "5"), transfer("[4,2]", "3")}))),
            20);
  EXPECT_EQ(communication_sms(profile_of(file_of({transfer("[4,2,1]", "9")}))), 8);
  EXPECT_EQ(communication_sms(profile_of(file_of({transfer("[\"x\"]", "9")}))), 0);
  EXPECT_EQ(communication_sms(profile_of(file_of({kernel("gemm", "7", "0", "1")}))), 0);
}

TEST(ProfileFiles, WithoutShapesThereAreOnlyKernels) {
  const Profile profile = profile_of(file_of({kernel("a,b", "7", "0", "1")}));
  const auto files = profile_files(profile, shaped_launches(profile, {}), *find_gpu(gpus(), "h800"),
                                   {"p", "d", "2026-01-02", 132});
  EXPECT_EQ(files.size(), 2U);
  EXPECT_EQ(files.at("kernels.csv"),
            "kernel,grid,class,count,total_us,mean_us,min_us,max_us\n"
            "a;b,,compute,1,1.000,1.000,1.000,1.000\n");
}

}  // namespace
}  // namespace windtunnel
