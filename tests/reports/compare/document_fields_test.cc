#include "reports/compare/document_fields.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"

namespace windtunnel {
namespace {

TEST(DocumentFields, ItemsAreNamedByWhatTellsThemApart) {
  const JsonFile file = parse_json(
      R"({"schema": "x", "run": {"hours": 2.5, "stages": [{"name": "ramp", "steps": 7}]},
          "terms": [{"phase": "F", "kernel": "gemm"}, {"phase": "F", "kernel": "gemm"}],
          "ranks": [{"rank": 3, "ok": true}], "list": [], "none": null, "texts": ["a"],
          "numbers": [5]})",
      "a.json");
  std::string all;
  for (const DocumentField& field : document_fields(file, {"schema"})) {
    all += field.name + "=" + field.text + (field.number ? " n\n" : "\n");
  }
  EXPECT_EQ(all,
            "run.hours=2.5 n\nrun.stages[ramp].name=ramp\nrun.stages[ramp].steps=7 n\n"
            "terms[F/gemm].phase=F\nterms[F/gemm].kernel=gemm\n"
            "terms[F/gemm #2].phase=F\nterms[F/gemm #2].kernel=gemm\n"
            "ranks[rank 3].rank=3 n\nranks[rank 3].ok=true\nlist=[]\nnone=null\n"
            "texts[a]=a\nnumbers[0]=5 n\n");
}

TEST(DocumentFields, DeepNestingIsRefused) {
  const JsonFile file =
      parse_json("{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}", "a.json");
  EXPECT_NE(message_of([&] { document_fields(file, {}); }).find("nested too deep"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
