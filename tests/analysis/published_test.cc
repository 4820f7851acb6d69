#include "simulator/analysis/published.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "simulator/base/error.h"
#include "simulator/base/text_file.h"

namespace windtunnel {
namespace {

std::filesystem::path write(const std::string& name, const std::string& text) {
  const auto folder = std::filesystem::temp_directory_path() / "windtunnel_published_test";
  std::filesystem::create_directories(folder);
  write_file_atomically(folder / name, text);
  return folder / name;
}

TEST(Published, KeepsValueToleranceAndSource) {
  const auto file = load_published(write("good.toml",
                                         "scenario = \"s.toml\"\nmodel = \"M\"\n[[figures]]\n"
                                         "quantity = \"gpu_hours\"\nunit = \"h\"\nvalue = 12.5\n"
                                         "tolerance = 0.1\nsource = \"paper\"\n"));
  ASSERT_EQ(file.figures.size(), 1U);
  EXPECT_EQ(file.figures[0].value, 12.5);
  EXPECT_EQ(file.figures[0].tolerance, 0.1);
  EXPECT_EQ(file.figures[0].source, "paper");
  EXPECT_FALSE(file.figures[0].reason.has_value());
}

TEST(Published, NeedsAValueOrTheReasonWhyThereIsNone) {
  const std::string figure =
      "scenario = \"s.toml\"\nmodel = \"M\"\n[[figures]]\n"
      "quantity = \"gpu_hours\"\nunit = \"h\"\nsource = \"paper\"\n";
  const auto file = load_published(write("none.toml", figure + "reason = \"nobody\"\n"));
  EXPECT_FALSE(file.figures[0].value.has_value());
  EXPECT_THROW(load_published(write("nothing.toml", figure)), ConfigError);
}

TEST(Published, NeedsASource) {
  const auto path = write("bad.toml",
                          "scenario = \"s.toml\"\nmodel = \"M\"\n[[figures]]\n"
                          "quantity = \"gpu_hours\"\nunit = \"h\"\nvalue = 12.5\n");
  try {
    load_published(path);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("source"), std::string::npos);
  }
}

TEST(Published, WithoutAFolderThereAreNoFigures) {
  EXPECT_TRUE(load_all_published("/nonexistent/folder").empty());
}

}  // namespace
}  // namespace windtunnel
