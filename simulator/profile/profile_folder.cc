#include "simulator/profile/profile_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <utility>

#include "simulator/base/lower_case.h"
#include "simulator/base/shown_text.h"
#include "simulator/hardware/kernel_text.h"
#include "simulator/profile/profile_phases.h"

namespace windtunnel {
namespace {

/// A name as it may stand in CSV and TOML without quotes: no commas, quotes or control characters.
std::string plain_text(std::string_view text) {
  constexpr std::size_t kLongest = 120;
  std::string plain = shown_text(text, kLongest);
  for (char& letter : plain) {
    if (letter == ',') letter = ';';
    if (letter == '"' || letter == '\\') letter = '\'';
  }
  return plain;
}

/// The product of a grid's sizes; 0 for what is none, and from a million on.
std::int64_t blocks_of(std::string_view grid) {
  constexpr std::int64_t kMost = 1'000'000;
  std::int64_t blocks = grid.empty() ? 0 : 1;
  while (!grid.empty() && blocks > 0 && blocks < kMost) {
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(grid.data(), grid.data() + grid.size(), size);
    if (error != std::errc() || size < 1 || size > kMost) return 0;
    blocks *= size;
    grid.remove_prefix(static_cast<std::size_t>(end - grid.data()));
    if (grid.starts_with('x')) grid.remove_prefix(1);
  }
  return blocks < kMost ? blocks : 0;
}

/// The innermost annotation that says a shape.
struct ShapeAround {
  const Span* annotation;
  KernelShape shape;
  std::uint32_t phase;  ///< of the annotation around it
  bool has_phase;
};

class Collector {
 public:
  Collector(const Profile& profile, const std::vector<KnownSequence>& sequences)
      : profile_(profile), recognised_(recognise(profile, sequences)) {}

  void add(const PlacedSpan& placed) {
    const KernelKind& kind = profile_.kinds[placed.kernel->what];
    const std::int64_t length = profile_.length(*placed.kernel);
    if (const auto own = shape_of(kind.name)) {
      const bool inside = !placed.around.empty();
      push(placed, *own, inside ? text(placed.around.back()->what) : "", length);
    } else if (const auto around = shape_around(placed)) {
      // The kernels of one annotation are one launch of what it names.
      if (open_ != around->annotation) {
        push(placed, around->shape, around->has_phase ? text(around->phase) : "", 0);
        open_ = around->annotation;
      }
      found.launches.back().nanoseconds += length;
    } else if (const auto known = recognised_.find(placed.kernel); known != recognised_.end()) {
      push(placed, known->second.kernel->shape, known->second.sequence->phase, length);
      ++found.recognised;
    } else {
      ++found.unshaped_kernels;
      found.unshaped_nanoseconds += length;
      return;
    }
    ++found.kernels;
    found.nanoseconds += length;
  }

  ShapedLaunches found;

 private:
  [[nodiscard]] const std::string& text(std::uint32_t number) const {
    return profile_.texts[number];
  }

  /// Of a text by its number; each is looked at once.
  const std::optional<KernelShape>& shape_of(std::uint32_t name) {
    const auto known = shapes_.find(name);
    if (known != shapes_.end()) return known->second;
    return shapes_.emplace(name, parse_kernel_text(text(name))).first->second;
  }

  std::optional<ShapeAround> shape_around(const PlacedSpan& placed) {
    for (std::size_t i = placed.around.size(); i-- > 0;) {
      const auto& shape = shape_of(placed.around[i]->what);
      if (!shape) continue;
      return ShapeAround{.annotation = placed.around[i],
                         .shape = *shape,
                         .phase = i > 0 ? placed.around[i - 1]->what : 0,
                         .has_phase = i > 0};
    }
    return std::nullopt;
  }

  void push(const PlacedSpan& placed, const KernelShape& shape, const std::string& phase,
            std::int64_t length) {
    const KernelKind& kind = profile_.kinds[placed.kernel->what];
    open_ = nullptr;
    found.launches.push_back({.phase = phase,
                              .kernel = text(kind.name),
                              .grid = text(kind.grid),
                              .communication = is_communication(shape.operation),
                              .shape = shape,
                              .nanoseconds = length});
  }

  const Profile& profile_;
  std::unordered_map<const Span*, Recognised> recognised_;
  const Span* open_ = nullptr;
  std::unordered_map<std::uint32_t, std::optional<KernelShape>> shapes_;
};

/// Kernels by name and grid with their count, mean, least and longest time.
std::string kernels_csv(const Profile& profile) {
  struct Row {
    std::int64_t count = 0;
    std::int64_t total = 0;
    std::int64_t least = INT64_MAX;
    std::int64_t most = 0;
  };
  std::vector<Row> rows(profile.kinds.size());
  for (const Track& track : profile.tracks) {
    for (const Span& span : track.kernels) {
      Row& row = rows[span.what];
      const std::int64_t length = profile.length(span);
      ++row.count;
      row.total += length;
      row.least = std::min(row.least, length);
      row.most = std::max(row.most, length);
    }
  }
  std::vector<std::string> lines;
  for (std::size_t kind = 0; kind < rows.size(); ++kind) {
    const Row& row = rows[kind];
    const std::string& name = profile.texts[profile.kinds[kind].name];
    lines.push_back(
        fmt::format("{},{},{},{},{:.3f},{:.3f},{:.3f},{:.3f}\n", plain_text(name),
                    plain_text(profile.texts[profile.kinds[kind].grid]),
                    class_name(kernel_class(name)), row.count, static_cast<double>(row.total) / 1e3,
                    static_cast<double>(row.total) / 1e3 / static_cast<double>(row.count),
                    static_cast<double>(row.least) / 1e3, static_cast<double>(row.most) / 1e3));
  }
  std::sort(lines.begin(), lines.end());
  return fmt::format("kernel,grid,class,count,total_us,mean_us,min_us,max_us\n{}",
                     fmt::join(lines, ""));
}

/// At least the profile's resolution; bookkeeping may round down to nothing.
std::int64_t recorded(const ShapedLaunch& launch) {
  const bool small = launch.shape.operation == Operation::kSmall;
  return std::max<std::int64_t>(launch.nanoseconds, small ? 0 : 1);
}

/// As simulator/hardware reads the launches of a step.
std::string launches_csv(const ShapedLaunches& shaped) {
  std::string text = "phase,stream,duration_us,grid,kernel,operation,dtype,m,n,k,groups\n";
  for (const ShapedLaunch& launch : shaped.launches) {
    const KernelShape& shape = launch.shape;
    fmt::format_to(std::back_inserter(text), "{},{},{:.3f},{},{},{},{},{},{},{},{}\n",
                   plain_text(launch.phase), launch.communication ? "comm" : "compute",
                   static_cast<double>(recorded(launch)) / 1e3, plain_text(launch.grid),
                   plain_text(launch.kernel), operation_name(shape.operation),
                   dtype_name(shape.dtype), shape.m, shape.n, shape.k, shape.groups);
  }
  return text;
}

std::string line(const char* key, const std::string& value) {
  return fmt::format("{} = \"{}\"\n", key, plain_text(value));
}

std::string manifest_text(const Gpu& gpu, const FolderOrigin& origin, bool shaped) {
  std::string text = line("gpu", gpu.id) + line("device", origin.device);
  text += line("collected_by", "the owner of the profile");
  text += line("repository", origin.profile);
  text += line("commit", "not recorded");
  text += line("licence", "the user's own");
  text += line("date", origin.date + " (import)");
  for (const char* key : {"clocks", "driver", "cuda"}) text += line(key, "not recorded");
  text += line("samples", "every launch of the profile");
  text += line("noise", "not estimated");
  text += line("regime", "inside a profiled step");
  text += line("units", "times are microseconds; the other columns are counts or names");
  text += line("changes", "grouped by windtunnel import-trace; commas in names replaced");
  const auto table = [&](const char* name, const char* note) {
    text += "\n[[tables]]\n" + line("name", name) +
            line("implementation", "as in the profile " + origin.profile) + line("note", note);
  };
  table("kernels", "a kernel and grid a row");
  if (shaped)
    table("train_kernels", "a launch a row, with the shape that its name or annotation says");
  return text;
}

/// The barrier before a transfer is not told from its waiting in a profile of one rank.
std::string step_text(const Gpu& gpu, const FolderOrigin& origin) {
  return line("gpu", gpu.id) + line("source", "own profile " + origin.profile) +
         fmt::format("compute_sms = {}\n\n[notify]\n", origin.compute_sms) + line("time", "0 us") +
         line("low", "0 us") + line("high", "0 us") +
         line("source", "own profile " + origin.profile + ": no barrier is told from waiting");
}

}  // namespace

ShapedLaunches shaped_launches(const Profile& profile,
                               const std::vector<KnownSequence>& sequences) {
  Collector collector(profile, sequences);
  visit_kernels(profile, [&](const PlacedSpan& placed) { collector.add(placed); });
  return std::move(collector.found);
}

int communication_sms(const Profile& profile) {
  std::map<std::int64_t, std::int64_t> time_by_blocks;
  for (const Track& track : profile.tracks) {
    for (const Span& span : track.kernels) {
      const KernelKind& kind = profile.kinds[span.what];
      if (kernel_class(profile.texts[kind.name]) != KernelClass::kCommunication) continue;
      time_by_blocks[blocks_of(profile.texts[kind.grid])] += profile.length(span);
    }
  }
  time_by_blocks.erase(0);
  const auto most =
      std::max_element(time_by_blocks.begin(), time_by_blocks.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  constexpr std::int64_t kMost = 1024;
  return most == time_by_blocks.end() || most->first > kMost ? 0 : static_cast<int>(most->first);
}

const Gpu* gpu_of_device(const std::vector<Gpu>& gpus, std::string_view device) {
  std::string words = " " + lower_case(device) + " ";
  for (char& letter : words) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = ' ';
  }
  const Gpu* best = nullptr;
  for (const Gpu& gpu : gpus) {
    std::string id = " " + lower_case(gpu.id) + " ";
    std::replace(id.begin(), id.end(), '-', ' ');
    const bool named = words.find(id) != std::string::npos;
    if (named && (best == nullptr || gpu.id.size() > best->id.size())) best = &gpu;
  }
  return best;
}

std::map<std::filesystem::path, std::string> profile_files(const Profile& profile,
                                                           const ShapedLaunches& shaped,
                                                           const Gpu& gpu,
                                                           const FolderOrigin& origin) {
  const bool any = !shaped.launches.empty();
  std::map<std::filesystem::path, std::string> files{
      {"manifest.toml", manifest_text(gpu, origin, any)}, {"kernels.csv", kernels_csv(profile)}};
  if (any) {
    files.emplace("train_kernels.csv", launches_csv(shaped));
    files.emplace("step.toml", step_text(gpu, origin));
  }
  return files;
}

}  // namespace windtunnel
