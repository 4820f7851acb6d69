#include "simulator/study/sweep_spec.h"

#include <utility>

#include "simulator/base/random.h"

namespace windtunnel {

std::vector<std::string> sweep_keys_of(const SweepSpec& spec) {
  std::vector<std::string> keys;
  for (const SweepAxis& axis : spec.axes) {
    for (const SweepKey& key : axis.keys) keys.push_back(key.key);
  }
  return keys;
}

std::vector<std::optional<Node>> sweep_point(const SweepSpec& spec, std::int64_t id) {
  std::vector<std::vector<std::optional<Node>>> parts(spec.axes.size());
  for (std::size_t i = spec.axes.size(); i-- > 0;) {
    const SweepAxis& axis = spec.axes[i];
    if (spec.samples) {
      const auto word = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
      parts[i] = drawn_setting(axis, uniform(mix(word(spec.seed), word(id), i)));
    } else {
      parts[i] = setting_of(axis, id % axis.size);
      id /= axis.size;
    }
  }
  std::vector<std::optional<Node>> values;
  for (auto& part : parts) {
    for (auto& value : part) values.push_back(std::move(value));
  }
  return values;
}

}  // namespace windtunnel
