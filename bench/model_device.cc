#include "bench/cases/prepare.cuh"
#include "bench/device.h"

namespace windtunnel::bench {
namespace {

constexpr int kSms = 2;

}  // namespace

std::string check_nothing_on_model(const Case& item) {
  device::Gpu gpu;
  const auto prepared = prepare(gpu, item, item.tiny, kSms);
  if (!prepared) return "no kernel of this operation";
  prepared->poison();
  return prepared->check();
}

ModelResult run_on_model(const Case& item) {
  ModelResult result{.item = item, .launched = {}, .wrong = {}};
  device::Gpu gpu;
  const auto prepared = prepare(gpu, item, item.tiny, kSms);
  if (!prepared) {
    result.wrong = "no kernel of this operation";
    return result;
  }
  prepared->poison();
  result.launched = prepared->launch();
  if (result.launched.failure.empty()) result.wrong = prepared->check();
  return result;
}

}  // namespace windtunnel::bench
