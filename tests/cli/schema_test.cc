#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace windtunnel {
namespace {

using Json = nlohmann::json;

TEST(SchemaCommand, PrintsOneKindOrAll) {
  const Ran all = run_program({"schema"});
  EXPECT_EQ(all.code, 0);
  EXPECT_EQ(all.err, "");
  const Json schema = Json::parse(all.out);
  EXPECT_EQ(schema.at("$schema"), "http://json-schema.org/draft-04/schema#");
  for (const char* kind :
       {"scenario", "model", "cluster", "gpu", "published", "manifest", "step"}) {
    EXPECT_TRUE(schema.at("definitions").contains(kind)) << kind;
    const Json one = Json::parse(run_program({"schema", kind}).out);
    EXPECT_EQ(one.at("properties"), schema.at("definitions").at(kind).at("properties"));
  }
}

TEST(SchemaCommand, AnUnknownKindIsNamed) {
  const Ran ran = run_program({"schema", "cluste"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(
      ran.err,
      "windtunnel: unknown kind of file `cluste`, did you mean `cluster`?\n"
      "  kinds: scenario, campaign, reinforcement, serving, sweep, plan, serving_plan, model, "
      "cluster, gpu, published, published_set, manifest, step\n");
}

}  // namespace
}  // namespace windtunnel
