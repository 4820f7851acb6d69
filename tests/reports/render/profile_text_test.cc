#include "reports/render/profile_text.h"

#include <gtest/gtest.h>

#include "tests/reports/render/sample_profile.h"

namespace windtunnel {
namespace {

TEST(ProfileText, SaysWhatIsHiddenAndWhatWasLeftOut) {
  const std::string text = render_profile_text(sample_profile(), "a.json", false);
  EXPECT_NE(text.find("NVIDIA H800, rank 3 of 64; 12 kernels in 40 events"), std::string::npos)
      << text;
  EXPECT_NE(text.find("50.0 % of it beside computation"), std::string::npos) << text;
  EXPECT_NE(
      text.find("Left out: 2 kernels whose start or length is no time, the first at byte 777"),
      std::string::npos)
      << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "a name must not move the cursor";
}

TEST(FolderText, SaysWhatHasNoShape) {
  ShapedLaunches shaped;
  shaped.unshaped_kernels = 3;
  shaped.unshaped_nanoseconds = 100;
  EXPECT_NE(render_folder_text(shaped, "own", 132, 132).find("No kernel says its shape"),
            std::string::npos);
  shaped.launches.resize(2);
  shaped.nanoseconds = 300;
  const std::string text = render_folder_text(shaped, "own", 112, 132);
  EXPECT_NE(text.find("2 launches with a shape, 75.0 % of the kernel time"), std::string::npos)
      << text;
  EXPECT_NE(text.find("on 112 of 132 SMs"), std::string::npos) << text;
  EXPECT_NE(text.find("3 kernels, 25.0 % of the time, have no shape"), std::string::npos) << text;
}

}  // namespace
}  // namespace windtunnel
