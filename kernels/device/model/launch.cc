#include "kernels/device/model/launch.h"

#include <cstring>
#include <stdexcept>

#include "kernels/device/model/grid.h"
#include "kernels/device/model/schedule.h"
#include "kernels/device/model/text.h"

namespace windtunnel::device {

namespace {

constexpr u32 kMostThreads = 1024;
constexpr u32 kMostCtas = 65535;
// What one CTA of an H100 may use.
constexpr u32 kMostShared = 232448;

void check(const LaunchShape& shape) {
  const u32 threads = shape.block.x * shape.block.y * shape.block.z;
  const u64 ctas = u64{shape.grid.x} * shape.grid.y * shape.grid.z;
  if (threads == 0 || threads > kMostThreads) {
    throw std::invalid_argument("launch: a block has 1 to 1024 threads");
  }
  if (ctas == 0 || ctas > kMostCtas) {
    throw std::invalid_argument("launch: the model takes 1 to 65535 CTAs");
  }
  if (shape.shared_bytes > kMostShared) {
    throw std::invalid_argument("launch: a CTA has at most 232448 bytes of shared memory");
  }
  if (shape.ranks == 0 || ctas % shape.ranks != 0) {
    throw std::invalid_argument("launch: ranks must share the CTAs evenly");
  }
}

}  // namespace

struct Gpu::State {
  explicit State(const ModelOptions& options) : memory({options.races, options.definedness}) {}

  model::Memory memory;
  model::Stacks stacks;
  std::uint16_t launches = 0;
};

Gpu::Gpu(ModelOptions options)
    : options_{std::move(options)}, state_{std::make_unique<State>(options_)} {}
Gpu::~Gpu() = default;

void* Gpu::allocate(std::size_t bytes, const char* name) {
  return state_->memory.allocate(bytes, name).data;
}

void Gpu::free(void* data) { state_->memory.free(static_cast<char*>(data)); }

void Gpu::define(void* data, std::size_t bytes, bool defined) {
  model::Allocation* buffer = state_->memory.find(data, bytes);
  if (buffer == nullptr) throw std::invalid_argument("define: not a buffer");
  const std::size_t offset = static_cast<std::size_t>(static_cast<char*>(data) - buffer->data);
  if (defined) {
    buffer->shadow->define(offset, bytes);
  } else {
    buffer->shadow->undefine(offset, bytes);
    std::memset(data, 0xff, bytes);
  }
}

LaunchReport Gpu::run(const LaunchShape& shape, std::function<void()> body) {
  check(shape);
  model::Grid grid(options_, state_->memory,
                   {.grid = {shape.grid.x, shape.grid.y, shape.grid.z},
                    .block = {shape.block.x, shape.block.y, shape.block.z},
                    .shared_bytes = shape.shared_bytes,
                    .ranks = shape.ranks,
                    .dependent = shape.dependent},
                   shape.kernel, ++state_->launches);
  grid.body = std::move(body);
  model::run(grid, state_->stacks, shape.cooperative || options_.co_resident);
  return {.failure = std::move(grid.failure),
          .bank_conflicts = grid.counters.bank_conflicts,
          .switches = grid.counters.switches,
          .landings = grid.counters.landings};
}

}  // namespace windtunnel::device
