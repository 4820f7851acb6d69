#include "bench/cases/prepare.cuh"
#include "bench/device.h"

namespace windtunnel::bench {

ModelResult run_on_model(const Case& item) {
  constexpr int kSms = 2;
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
