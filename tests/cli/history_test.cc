#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(History, ShowsWhatWasImported) {
  const TemporaryFolder folder;
  const std::string database = folder.path / "r.db";
  for (int i = 0; i < 12; ++i) {
    const std::string time = std::to_string((i < 6 ? 100 : 120) + i % 2);
    const std::string file =
        folder.write("f.json", R"({"benchmarks": [{"name": "a", "real_time": )" + time +
                                   R"(}], "context": {"date": ")" + std::to_string(i) + "\"}}");
    ASSERT_EQ(
        run_program({"import", file, "--database", database, "--commit", "c" + std::to_string(i)})
            .code,
        0);
  }
  const Ran ran = run_program({"history", "--database", database});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("+19.9 % since c6, 6"), std::string::npos) << ran.out;
  const Ran json = run_program({"history", "--database", database, "--json", "-"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["series"][0]["points"].size(), 12U);
  const Ran html = run_program({"history", "--database", database, "--html", "-"});
  EXPECT_EQ(html.out.find("<!DOCTYPE html>"), 0U);
  EXPECT_EQ(html.out.find("with changes", html.out.find("</html>")), std::string::npos);
  EXPECT_EQ(run_program({"history", "--database", database, "--filter", "b"}).code, 2);
}

}  // namespace
}  // namespace windtunnel
