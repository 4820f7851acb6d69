#include "reports/render/critical.h"

#include <gtest/gtest.h>

#include "reports/render/json.h"
#include "tests/reports/golden_text.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

CriticalCause saving(const char* name, double seconds, double saved, double hours) {
  return {.name = name, .time = {seconds}, .saved = Seconds{saved}, .saved_gpu_hours = hours};
}

CriticalCause plain(const char* name, double seconds) {
  return {.name = name, .time = {seconds}, .saved = {}, .saved_gpu_hours = {}};
}

Projection attributed() {
  Projection projection = sample_projection();
  projection.critical = CriticalProjection{
      .time = {10},
      .ops = 3452,
      .classes = {saving("linear layers", 7.5, 0.74, 65'000),
                  saving("dispatch", 2.5, 0, 0)},
      .phases = {plain("attn(B)", 7.5), plain("dispatch(F)", 2.5)},
      .links = {plain("no link", 7.5), saving("scale-out links", 2.5, 0.01, 900)},
      .bindings = {plain("its stream", 6), plain("its input", 4)}};
  return projection;
}

TEST(Critical, TheTablesArePinnedWhole) {
  expect_golden("critical.txt", render_critical(attributed()));
}

TEST(Critical, TheDocumentHasItWhereItWasAskedFor) {
  const BuildVersion build{.version = "1", .commit = "abc"};
  EXPECT_EQ(render_json(sample_projection(), build).find("\"critical\""), std::string::npos);
  EXPECT_NE(render_json(attributed(), build).find("\"critical\""), std::string::npos);
  const OrderedJson json = critical_json(*attributed().critical);
  EXPECT_EQ(json.at("time_s"), 10);
  EXPECT_EQ(json.at("classes")[0].at("saved_s"), 0.74);
  EXPECT_EQ(json.at("classes")[0].at("saved_gpu_hours"), 65'000);
  EXPECT_EQ(json.at("links")[1].at("name"), "scale-out links");
  EXPECT_FALSE(json.at("phases")[0].contains("saved_s"));
}

}  // namespace
}  // namespace windtunnel
