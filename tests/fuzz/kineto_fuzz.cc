// Any bytes as a profile: the answer is a summary, or a UsageError with the byte.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "simulator/base/error.h"
#include "simulator/profile/kineto_file.h"
#include "simulator/profile/profile_folder.h"
#include "simulator/profile/profile_summary.h"

namespace windtunnel {
namespace {

void check(std::string_view input) {
  std::size_t at = 0;
  const ReadBytes read = [&](char* bytes, std::size_t size) {
    const std::size_t taken = std::min({size, input.size() - at, std::size_t{97}});
    if (taken > 0) std::memcpy(bytes, input.data() + at, taken);
    at += taken;
    return taken;
  };
  try {
    Profile profile = read_kineto(read, "fuzz.json");
    const ShapedLaunches shaped = shaped_launches(profile, {});
    const ProfileSummary summary = summarise(std::move(profile));
    for (const DeviceSummary& device : summary.devices) {
      const double most = std::min(device.compute.value, device.communication.value);
      if (device.overlapped.value > most + 1e-6 || device.overlapped.value < 0) std::abort();
    }
    if (shaped.kernels + shaped.unshaped_kernels != summary.kernel_events) std::abort();
  } catch (const UsageError& error) {
    if (std::string_view(error.what()).find("fuzz.json: byte ") != 0) std::abort();
  }
}

}  // namespace
}  // namespace windtunnel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  windtunnel::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
