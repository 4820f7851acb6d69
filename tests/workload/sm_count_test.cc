#include "simulator/workload/sm_count.h"

#include <gtest/gtest.h>

#include "simulator/base/toml_file.h"
#include "tests/base/message.h"

namespace windtunnel {
namespace {

int written(const std::string& value) {
  const Node root = parse_toml("sms = " + value + "\n", "a.toml");
  return sm_count_form().read(*find_node(root, "sms"));
}

TEST(SmCount, WordsHoldOnAnyGpu) {
  EXPECT_EQ(resolved_sms(written("\"all\""), 132, 20), 132);
  EXPECT_EQ(resolved_sms(written("\"all\""), 108, 20), 108);
  EXPECT_EQ(resolved_sms(written("\"all but communication.sms\""), 132, 20), 112);
  EXPECT_EQ(resolved_sms(written("\"all but communication.sms\""), 108, 24), 84);
}

TEST(SmCount, ANumberStaysWhatItIs) { EXPECT_EQ(resolved_sms(written("112"), 108, 20), 112); }

TEST(SmCount, AnythingElseIsPointedAt) {
  const std::string accepted =
      "  accepted: \"all\", \"all but communication.sms\", or an integer from 1 to 1024\n";
  EXPECT_EQ(message_of([] { written("\"most\""); }),
            "a.toml:1:7: error: not a number of SMs\n"
            "   1 | sms = \"most\"\n"
            "     |       ^\n" +
                accepted);
  EXPECT_NE(message_of([] { written("true"); }).find("a.toml:1:7: error: not a number of SMs"),
            std::string::npos);
  for (const char* number : {"0", "-1", "1025"}) {
    EXPECT_NE(message_of([&] { written(number); }).find("is out of range"), std::string::npos)
        << number;
  }
}

}  // namespace
}  // namespace windtunnel
