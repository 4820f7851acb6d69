#include "simulator/profile/known_kernels.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "simulator/base/csv_file.h"
#include "simulator/base/error.h"

namespace windtunnel {
namespace {

constexpr std::size_t kNameLength = 90;

KernelShape shape_at(const CsvTable& table, std::size_t row) {
  const std::size_t operation = table.column("operation");
  const std::size_t dtype = table.column("dtype");
  const auto kind = find_operation(table.cell(row, operation));
  const auto type = find_dtype(table.cell(row, dtype));
  if (!kind || !type) {
    throw ConfigError(table.source(row, kind ? dtype : operation), "no kernel is called so");
  }
  const auto size = [&](const char* name) { return table.integer(row, table.column(name)); };
  return {.operation = *kind,
          .dtype = *type,
          .m = size("m"),
          .n = size("n"),
          .k = size("k"),
          .groups = size("groups")};
}

/// Names and grids of a profile's kinds, as sequences spell them.
struct KindNames {
  std::vector<std::string> names;
  std::vector<const std::string*> grids;
};

KindNames names_of(const Profile& profile) {
  KindNames it;
  for (const KernelKind& kind : profile.kinds) {
    it.names.push_back(known_name(profile.texts[kind.name]));
    it.grids.push_back(&profile.texts[kind.grid]);
  }
  return it;
}

bool stands_at(const KnownSequence& sequence, const KindNames& kinds, const Track& track,
               std::size_t at) {
  if (sequence.kernels.size() > track.kernels.size() - at) return false;
  for (std::size_t i = 0; i < sequence.kernels.size(); ++i) {
    const std::uint32_t kind = track.kernels[at + i].what;
    const KnownKernel& known = sequence.kernels[i];
    if (kinds.names[kind] != known.name || *kinds.grids[kind] != known.grid) return false;
  }
  return true;
}

/// Of the longest sequences that stand there the one that was met least often, the first of those.
std::optional<std::size_t> least_used(const std::vector<KnownSequence>& sequences,
                                      const std::vector<int>& uses, const KindNames& kinds,
                                      const Track& track, std::size_t at) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (best && sequences[i].kernels.size() < sequences[*best].kernels.size()) break;
    if (best && uses[i] >= uses[*best]) continue;
    if (stands_at(sequences[i], kinds, track, at)) best = i;
  }
  return best;
}

}  // namespace

std::string known_name(std::string_view name) {
  if (name.starts_with("void ")) name.remove_prefix(5);
  std::string known(name.substr(0, kNameLength));
  std::replace(known.begin(), known.end(), ',', ';');
  while (known.ends_with(' ')) known.pop_back();
  return known;
}

std::vector<KnownSequence> load_known_sequences(const std::filesystem::path& folder) {
  const CsvTable table = load_csv(folder / "train_kernels.csv");
  const std::size_t kernel = table.column("kernel");
  const std::size_t grid = table.column("grid");
  const std::size_t columns[] = {table.column("layer"), table.column("phase"),
                                 table.column("stream")};
  std::map<std::tuple<std::string, std::string, std::string>, KnownSequence> found;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    const auto cell = [&](std::size_t column) { return std::string(table.cell(row, column)); };
    KnownSequence& sequence = found[{cell(columns[0]), cell(columns[1]), cell(columns[2])}];
    sequence.phase = cell(columns[1]);
    sequence.kernels.push_back(
        {.name = known_name(cell(kernel)), .grid = cell(grid), .shape = shape_at(table, row)});
  }
  std::vector<KnownSequence> sequences;
  for (auto& [key, sequence] : found) sequences.push_back(std::move(sequence));
  std::stable_sort(sequences.begin(), sequences.end(),
                   [](const KnownSequence& a, const KnownSequence& b) {
                     return a.kernels.size() > b.kernels.size();
                   });
  return sequences;
}

std::unordered_map<const Span*, Recognised> recognise(const Profile& profile,
                                                      const std::vector<KnownSequence>& sequences) {
  const KindNames kinds = names_of(profile);
  std::vector<int> uses(sequences.size());
  std::unordered_map<const Span*, Recognised> found;
  for (const Track& track : profile.tracks) {
    for (std::size_t at = 0; at < track.kernels.size();) {
      const std::optional<std::size_t> match = least_used(sequences, uses, kinds, track, at);
      if (!match) {
        ++at;
        continue;
      }
      ++uses[*match];
      for (const KnownKernel& kernel : sequences[*match].kernels) {
        found.emplace(&track.kernels[at++], Recognised{&sequences[*match], &kernel});
      }
    }
  }
  return found;
}

}  // namespace windtunnel
