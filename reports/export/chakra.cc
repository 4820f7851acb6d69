#include "reports/export/chakra.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "reports/export/chakra_node.h"
#include "reports/export/chakra_traffic.h"
#include "reports/export/rank_slices.h"
#include "simulator/base/byte_stream.h"
#include "simulator/base/text_file.h"

namespace windtunnel {
namespace {

constexpr std::int64_t kPicosecondsAMicrosecond = 1'000'000;

std::uint64_t microseconds(std::int64_t picoseconds) {
  return static_cast<std::uint64_t>((picoseconds + kPicosecondsAMicrosecond / 2) /
                                    kPicosecondsAMicrosecond);
}

/// The inputs that rows were given late, by row.
std::vector<LateInput> sorted_late_inputs(const OpGraph& graph) {
  std::vector<LateInput> all = graph.late_inputs;
  std::stable_sort(all.begin(), all.end(),
                   [](const LateInput& a, const LateInput& b) { return a.row < b.row; });
  return all;
}

class Writer {
 public:
  explicit Writer(const TracedStep& traced)
      : traced_(traced), traffic_(traced), late_(sorted_late_inputs(graph())) {
    for (const Arrival& arrival : arrivals(traced)) {
      const int to = rank_of(traced_.simulated.step, arrival.receiver);
      receiver_.emplace(arrival.send, to);
    }
  }

  /// Returns the file.
  std::filesystem::path write_gpu(const std::filesystem::path& prefix, int rank, int member) {
    rank_ = rank;
    member_ = member;
    before_.clear();
    last_.clear();
    received_.clear();
    compute_ps_ = 0;
    const int gpu = traffic_.gpu_of(rank, member);
    const std::filesystem::path file = prefix.string() + fmt::format(".{}.et", gpu);
    ByteWriter out(file);
    out.write(chakra_metadata());
    std::vector<OpId> ops = traced_.ranks.of(rank);
    for (const OpId op : ops) note_order(op);
    std::erase_if(ops, [&](OpId op) { return !written(op); });
    std::stable_sort(ops.begin(), ops.end(), [&](OpId a, OpId b) { return start(a) < start(b); });
    for (const OpId op : ops) write_op(op, out);
    out.finish();
    return file;
  }

  void write_groups(const std::filesystem::path& path) const {
    nlohmann::ordered_json all = nlohmann::ordered_json::object();
    for (std::size_t group = 0; group < traffic_.groups().size(); ++group) {
      all[fmt::format("{}", kFirstGroup + static_cast<int>(group))] = traffic_.groups()[group];
    }
    write_file_atomically(path, all.dump() + "\n");
  }

 private:
  [[nodiscard]] const OpGraph& graph() const { return traced_.simulated.step.graph; }
  [[nodiscard]] const RowOwner& owner(OpId op) const {
    return owner_of(traced_.simulated.step, op);
  }
  [[nodiscard]] std::int64_t start(OpId op) const {
    return traced_.simulated.timeline.start[static_cast<std::size_t>(op)].count;
  }
  [[nodiscard]] std::int64_t length(OpId op) const {
    return traced_.simulated.timeline.end[static_cast<std::size_t>(op)].count - start(op);
  }

  /// Ops without work only order others: those wait for what they waited for.
  [[nodiscard]] bool written(OpId op) const { return length(op) > 0 || is_norm(op); }

  /// The barrier at which all ranks agree on the gradient's norm.
  [[nodiscard]] bool is_norm(OpId op) const {
    return owner(op).kind == OpKind::kUpdate && op_at(graph(), op).group != kNone;
  }

  void note_order(OpId op) {
    const LaneId lane = op_at(graph(), op).lane;
    const auto found = last_.find(lane);
    if (found != last_.end()) before_[op] = found->second;
    last_[lane] = op;
  }

  [[nodiscard]] std::vector<OpId> inputs(OpId op) const {
    const RowId row = row_of(graph(), op);
    const std::int32_t member = member_of(graph(), op);
    std::vector<OpId> all;
    for (const RowId input : inputs_of(graph(), row)) all.push_back(op_id(graph(), input, member));
    const auto less = [](const LateInput& a, RowId id) { return a.row < id; };
    for (auto it = std::lower_bound(late_.begin(), late_.end(), row, less);
         it != late_.end() && it->row == row; ++it) {
      all.push_back(op_id(graph(), it->input, member));
    }
    return all;
  }

  /// Adds the node of `input` to `found`, or of what it waits for where it has none. What comes
  /// from another rank is received first.
  void add_input(OpId input, std::vector<std::uint64_t>& found, ByteWriter& out) {
    std::vector<OpId> open{input};
    while (!open.empty()) {
      const OpId op = open.back();
      open.pop_back();
      if (rank_of(traced_.simulated.step, op) != rank_) {
        if (received_.insert(op).second) write_receive(op, out);
        found.push_back(receive_id(op));
      } else if (written(op)) {
        found.push_back(static_cast<std::uint64_t>(op));
      } else {
        const std::vector<OpId> more = inputs(op);
        open.insert(open.end(), more.begin(), more.end());
        const auto order = before_.find(op);
        if (order != before_.end()) open.push_back(order->second);
      }
    }
  }

  [[nodiscard]] std::uint64_t receive_id(OpId send) const {
    return op_count(graph()) + static_cast<std::uint64_t>(send);
  }

  static void make_unique(std::vector<std::uint64_t>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }

  void write_op(OpId op, ByteWriter& out) {
    ChakraNode node = traffic_.node_of(op, rank_, member_);
    node.start_us = microseconds(start(op));
    node.duration_ns = (length(op) + 500) / 1000;
    if (node.type == ChakraType::kCompute) {
      const std::uint64_t done = microseconds(compute_ps_);
      compute_ps_ += length(op);
      node.duration_us = microseconds(compute_ps_) - done;
    } else {
      node.duration_us = microseconds(length(op));
    }
    for (const OpId input : inputs(op)) add_input(input, node.inputs, out);
    const auto order = before_.find(op);
    if (order != before_.end()) add_input(order->second, node.after, out);
    make_unique(node.inputs);
    make_unique(node.after);
    if (node.type == ChakraType::kSend) {
      const auto to = receiver_.find(op);
      node.to = to == receiver_.end() ? node.from : traffic_.gpu_of(to->second, member_);
    }
    out.write(chakra_message(node));
  }

  void write_receive(OpId send, ByteWriter& out) {
    ChakraNode node = traffic_.node_of(send, rank_of(traced_.simulated.step, send), member_);
    node.id = receive_id(send);
    node.name = "receive";
    node.type = ChakraType::kReceive;
    node.to = traffic_.gpu_of(rank_, member_);
    out.write(chakra_message(node));
  }

  const TracedStep& traced_;
  ChakraTraffic traffic_;
  std::vector<LateInput> late_;
  std::unordered_map<OpId, int> receiver_;  ///< of each send, the simulated rank
  std::unordered_map<OpId, OpId> before_;   ///< the op before on its lane, of this rank
  std::unordered_map<LaneId, OpId> last_;
  std::unordered_set<OpId> received_;  ///< sends of other ranks that have their node here
  int rank_ = 0;
  int member_ = 0;
  std::int64_t compute_ps_ = 0;
};

}  // namespace

ChakraSize chakra_size(const TracedStep& traced) {
  const int shared = gpus_per_data_rank(traced.scenario);
  return {.files = gpu_count(traced.scenario.cluster),
          .bytes = kChakraNodeBytes * shared *
                   static_cast<double>(op_count(traced.simulated.step.graph))};
}

bool write_chakra(const TracedStep& traced, const std::filesystem::path& prefix,
                  const std::function<bool()>& stopped) {
  Writer writer(traced);
  const int ranks = traced.simulated.step.pipeline_ranks * traced.simulated.step.members;
  std::vector<std::filesystem::path> written;
  for (int rank = 0; rank < ranks; ++rank) {
    for (int member = 0; member < gpus_per_data_rank(traced.scenario); ++member) {
      if (stopped && stopped()) {
        for (const auto& file : written) std::filesystem::remove(file);
        return false;
      }
      written.push_back(writer.write_gpu(prefix, rank, member));
    }
  }
  writer.write_groups(prefix.string() + ".groups.json");
  return true;
}

}  // namespace windtunnel
