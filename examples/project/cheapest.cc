// Which schedule takes the fewest GPU hours? The simulator, called from a program of one's own.
#include <cstdio>
#include <exception>
#include <string>

#include "simulator/study/campaign.h"

int main(int count, char** arguments) {
  const std::string data = WINDTUNNEL_DATA;
  const std::string scenario =
      count > 1 ? arguments[1] : data + "/scenarios/deepseek-v3/pretrain.toml";
  try {
    for (const char* schedule : {"dualpipe", "1f1b"}) {
      const windtunnel::Projection projection =
          windtunnel::project(scenario, {{"schedule.name", schedule}},
                              {.fidelity = windtunnel::Fidelity::kFolded,
                               .threads = 1,
                               .root = data,
                               .progress = {}})
              .projection;
      if (!projection.run) continue;
      std::printf("%-9s %9.0f GPU hours (%.0f to %.0f), %.1f s a step, %s\n", schedule,
                  projection.run->gpu_hours, projection.run->gpu_hours_low,
                  projection.run->gpu_hours_high, projection.step.rank0.time.value,
                  projection.memory.fits ? "fits" : "does not fit");
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
