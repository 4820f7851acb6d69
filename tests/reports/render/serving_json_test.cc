#include "reports/render/serving_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/analysis/deployment.h"
#include "tests/reports/golden_text.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(ServingJson, TheDocumentIsPinnedWhole) {
  expect_golden("serving.json", render_serving_json(small_deployment(), kSampleBuild));
}

TEST(ServingJson, HoldsThePromisedKeys) {
  const auto json = nlohmann::json::parse(render_serving_json(small_deployment(), kSampleBuild));
  for (const char* key : {"prefill_tokens_per_s_per_gpu", "decode_tokens_per_s_per_gpu", "ttft_s",
                          "tpot_s", "kv_bytes_per_token", "max_tokens_in_cache"}) {
    EXPECT_TRUE(json.at("serving").at(key).is_number()) << key;
  }
  for (const char* key : {"peak_bytes", "capacity_bytes", "fits", "parts"}) {
    EXPECT_TRUE(json.at("memory").contains(key)) << key;
  }
  EXPECT_EQ(json.at("scenario").at("kind"), "serving");
  EXPECT_TRUE(json.at("memory").at("fits_on")[1].at("gpus").is_null());
}

TEST(ServingJson, WithoutTimesKeysAreNullAndSaidWhy) {
  ServingProjection projection = small_deployment();
  projection.rates.reset();
  projection.queue.reset();
  projection.iterations.clear();
  projection.unpriced = "no INT8 kernels were measured";
  const auto json = nlohmann::json::parse(render_serving_json(projection, kSampleBuild));
  EXPECT_TRUE(json.at("serving").at("tpot_s").is_null());
  EXPECT_EQ(json.at("serving").at("unpriced"), "no INT8 kernels were measured");
  EXPECT_FALSE(json.at("serving").contains("load"));
}

}  // namespace
}  // namespace windtunnel
