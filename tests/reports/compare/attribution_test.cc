#include "reports/compare/attribution.h"

#include <gtest/gtest.h>

#include "tests/reports/compare/sample_documents.h"

namespace windtunnel {
namespace {

std::string cause(const SampleDocument& now) {
  const Attribution found = attribute(document_of({}), document_of(now), {});
  return found.terms.empty() ? "nothing moved" : found.terms[0].cause;
}

TEST(Attribution, SaysWhyATermMoved) {
  EXPECT_EQ(cause({}), "nothing moved");
  EXPECT_EQ(cause({.launches = "3", .price = "0.6"}), "launched 3 instead of 2 times");
}

JsonFile term(const char* price, const char* source, const char* hash, const char* commit) {
  return parse_json(std::string(R"({"inputs": [{"path": "m.csv", "hash": ")") + hash +
                        R"("}], "windtunnel": {"version": "0.1", "commit": ")" + commit +
                        R"("}, "terms": [{"kernel": "gemm", "launches": 2, "time_s": )" + price +
                        R"(, "source": ")" + source + "\"}]}",
                    "p.json");
}

std::string cause_of(const JsonFile& now) {
  return attribute(term("1", "a", "h", "c"), now, {}).terms.at(0).cause;
}

TEST(Attribution, TellsMeasurementsFromCode) {
  EXPECT_EQ(cause_of(term("2", "b", "h", "c")), "priced from b, before from a");
  EXPECT_EQ(cause_of(term("2", "a", "h2", "c")), "same source, but an input or a setting differs");
  EXPECT_EQ(cause_of(term("2", "a", "h", "c2")), "same inputs: the code");
  EXPECT_EQ(cause_of(term("2", "a", "h2", "c2")), "same source: an input, a setting or the code");
}

TEST(Attribution, NamesInputsCommitsAndTermsThatCameOrWent) {
  const Attribution found = attribute(term("1", "a", "h", "c"),
                                      parse_json(R"({"inputs": [{"path": "n.csv", "hash": "x"}],
          "windtunnel": {"version": "0.2", "commit": "d"}, "terms": [{"kernel": "rope",
          "launches": 1, "time_s": 4}]})",
                                                 "q.json"),
                                      {});
  EXPECT_EQ(found.inputs, (std::vector<std::string>{"m.csv, only in BASE", "n.csv, only in NEW"}));
  EXPECT_EQ(found.build, "0.1 c to 0.2 d");
  ASSERT_EQ(found.terms.size(), 2U);
  EXPECT_EQ(found.terms[0].name, "rope");  // the largest first
  EXPECT_EQ(found.terms[0].cause, "only in NEW");
  EXPECT_EQ(found.terms[1].cause, "only in BASE");
}

}  // namespace
}  // namespace windtunnel
