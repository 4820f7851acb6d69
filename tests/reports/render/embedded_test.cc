#include "reports/render/embedded.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

TEST(Embedded, ADocumentCanNotEndItsElement) {
  const std::string html = embedded_document("data", "{\n  \"a\": \"</script>&\"\n}");
  EXPECT_EQ(markup_problem(html), "");
  EXPECT_NE(html.find("{\"a\": \"\\u003c/script\\u003e\\u0026\"}"), std::string::npos) << html;
}

}  // namespace
}  // namespace windtunnel
