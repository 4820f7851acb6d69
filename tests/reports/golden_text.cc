#include "tests/reports/golden_text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace windtunnel {

void expect_golden(const std::string& name, const std::string& text) {
  expect_file("tests/reports/golden/" + name, text);
}

void expect_file(const std::string& path, const std::string& text) {
  if (std::getenv("WINDTUNNEL_ACCEPT") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing; ./run accept writes it";
  std::ostringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(text, expected.str()) << path;
}

}  // namespace windtunnel
