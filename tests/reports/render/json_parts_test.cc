#include "reports/render/json_parts.h"

#include <gtest/gtest.h>

#include <limits>

namespace windtunnel {
namespace {

TEST(JsonParts, ANumberThatIsNoneIsNull) {
  EXPECT_EQ(number(0.25).dump(), "0.25");
  EXPECT_TRUE(number(std::numeric_limits<double>::infinity()).is_null());
  EXPECT_TRUE(number(std::numeric_limits<double>::quiet_NaN()).is_null());
  EXPECT_TRUE(number(std::optional<double>()).is_null());
  EXPECT_EQ(number(std::optional<double>(2.5)).dump(), "2.5");
}

TEST(JsonParts, CountsHaveNoFraction) {
  EXPECT_EQ(whole(4096).dump(), "4096");
  EXPECT_EQ(whole(4096.5).dump(), "4096.5");
  EXPECT_EQ(whole(1e300).dump(), "1e+300");
}

TEST(JsonParts, ADocumentBeginsWithWhatItIs) {
  const OrderedJson head = document_head("windtunnel/x", {{"a.toml", "00"}}, {"0.1.0", "abc"});
  EXPECT_EQ(head.dump(), R"({"schema":"windtunnel/x","version":1,"windtunnel":{"version":"0.1.0",)"
                         R"("commit":"abc"},"inputs":[{"path":"a.toml","hash":"00"}]})");
}

TEST(JsonParts, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(document_text(OrderedJson("a\xff")), "\"a\xEF\xBF\xBD\"\n");
}

}  // namespace
}  // namespace windtunnel
