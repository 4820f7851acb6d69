#include "reports/export/kineto.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;

std::string json_text(std::string_view text) { return nlohmann::json(text).dump(); }

/// Streams of a GPU as PyTorch would number them; the schedule is a thread of the host.
constexpr std::array kThreads = {1, 7, 20, 24, 28, 32, 2};

int thread_of(TraceLane lane) { return kThreads[static_cast<std::size_t>(lane)]; }

bool on_gpu(TraceLane lane) { return lane != TraceLane::kSchedule && lane != TraceLane::kHost; }

/// `1234.567` of picoseconds.
std::string microseconds(std::int64_t picoseconds) {
  const std::int64_t nanoseconds = (picoseconds + 500) / 1000;
  return fmt::format("{}.{:03}", nanoseconds / 1000, nanoseconds % 1000);
}

/// From one rounded end to the other, so that neighbours neither overlap nor drift apart.
std::string duration(const Slice& slice) {
  const auto rounded = [](std::int64_t time) { return (time + 500) / 1000 * 1000; };
  return microseconds(rounded(slice.end) - rounded(slice.start));
}

std::string transfer_name(const Slice& slice) {
  if (slice.kind == "dispatch" || slice.kind == "combine") return "nccl:all_to_all " + slice.name;
  if (slice.kind == "send") return "nccl:" + slice.name;
  const bool gathers = slice.name.starts_with("gather");
  if (slice.kind == "gradient" || slice.kind == "sharded") {
    return (gathers ? "nccl:all_gather " : "nccl:reduce_scatter ") + slice.name;
  }
  return "nccl:collective " + slice.name;
}

class Writer {
 public:
  Writer(const TracedStep& traced, TraceLevel level, ByteWriter& out)
      : traced_(traced), level_(level), out_(out) {}

  void begin(const TraceRank& first) {
    const Scenario& scenario = traced_.scenario;
    const Gpu& gpu = scenario.cluster.gpu;
    add("{{\n\"schemaVersion\": 1,\n\"deviceProperties\": [{{\"id\": {}, \"name\": {}, "
        "\"totalGlobalMem\": {:.0f}, \"numSms\": {}}}],\n",
        first.gpu, json_text(gpu.name), gpu.memory.value, gpu.sms);
    // Holistic Trace Analysis looks for the text `"rank": ` with a blank.
    add("\"distributedInfo\": {{\"backend\": \"nccl\", \"rank\": {}, \"world_size\": {}}},\n",
        first.gpu, gpu_count(scenario.cluster));
    add("\"displayTimeUnit\": \"ns\",\n\"baseTimeNanoseconds\": 0,\n\"traceName\": {},\n"
        "\"traceEvents\": [",
        json_text(scenario.name));
  }

  void write_rank(const TraceRank& rank, const TraceWindow& window) {
    name_rank(rank);
    const std::int64_t step = traced_.simulated.timeline.makespan.count;
    next_event();
    add("{{\"ph\": \"X\", \"cat\": \"user_annotation\", \"name\": \"ProfilerStep#0\", \"pid\": {}, "
        "\"tid\": 0, \"ts\": 0.000, \"dur\": {}, \"args\": {{}}}}",
        rank.gpu, microseconds(step));
    visit_slices(traced_, rank, level_, window,
                 [&](const Slice& slice) { write_slice(rank, slice); });
  }

  void end() {
    add("\n]\n}}\n");
    flush();
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> text, Values&&... values) {
    fmt::format_to(std::back_inserter(buffer_), text, std::forward<Values>(values)...);
    if (buffer_.size() >= kPiece) flush();
  }

  void flush() {
    out_.write(buffer_);
    buffer_.clear();
  }

  void next_event() {
    add("{}", first_ ? "\n" : ",\n");
    first_ = false;
  }

  void metadata(const TraceRank& rank, int thread, std::string_view what, std::string_view key,
                const std::string& value) {
    next_event();
    add("{{\"ph\": \"M\", \"name\": \"{}\", \"pid\": {}, \"tid\": {}, \"ts\": 0.000, "
        "\"args\": {{\"{}\": {}}}}}",
        what, rank.gpu, thread, key, value);
  }

  void name_rank(const TraceRank& rank) {
    metadata(rank, 0, "process_name", "name", json_text(rank_name(rank)));
    metadata(rank, 0, "process_labels", "labels", json_text(fmt::format("GPU {}", rank.gpu)));
    metadata(rank, 0, "process_sort_index", "sort_index", fmt::format("{}", rank.gpu));
    for (const TraceLane lane : lanes_of(traced_)) {
      const int thread = thread_of(lane);
      const std::string name = on_gpu(lane) ? fmt::format("stream {} {}", thread, lane_name(lane))
                                            : std::string(lane_name(lane));
      metadata(rank, thread, "thread_name", "name", json_text(name));
      metadata(rank, thread, "thread_sort_index", "sort_index",
               fmt::format("{}", static_cast<int>(lane)));
    }
  }

  void write_slice(const TraceRank& rank, const Slice& slice) {
    const bool gpu = on_gpu(slice.lane);
    const bool encloses = level_ == TraceLevel::kKernel && slice.kind == "compute";
    const char* category = !gpu ? "user_annotation" : encloses ? "gpu_user_annotation" : "kernel";
    next_event();
    add("{{\"ph\": \"X\", \"cat\": \"{}\", \"name\": {}, \"pid\": {}, \"tid\": {}, \"ts\": {}, "
        "\"dur\": {}, \"args\": {{",
        category, json_text(is_transfer(slice) ? transfer_name(slice) : slice.name), rank.gpu,
        thread_of(slice.lane), microseconds(slice.start), duration(slice));
    write_arguments(rank, slice, gpu && !encloses);
    add("}}}}");
  }

  void write_arguments(const TraceRank& rank, const Slice& slice, bool kernel) {
    add("\"kind\": \"{}\"", slice.kind);
    if (kernel) {
      const int correlation = ++correlation_;
      add(", \"External id\": {}, \"device\": {}, \"stream\": {}, \"correlation\": {}", correlation,
          rank.gpu, thread_of(slice.lane), correlation);
    }
    if (slice.micro_batch >= 0) {
      add(", \"micro_batch\": {}, \"direction\": {}, \"stage\": {}", slice.micro_batch,
          slice.direction, slice.stage);
    }
    if (slice.position >= 0) {
      add(", \"block\": {}, \"block_in_stage\": {}", json_text(slice.block), slice.position);
    }
    if (slice.price == nullptr) return;
    add(", \"basis\": \"{}\", \"price\": {}", basis_word(slice.price->provenance.basis),
        json_text(slice.price->provenance.source));
  }

  const TracedStep& traced_;
  TraceLevel level_;
  ByteWriter& out_;
  std::string buffer_;
  int correlation_ = 0;
  bool first_ = true;
};

}  // namespace

void write_kineto(const TracedStep& traced, const std::vector<TraceRank>& ranks, TraceLevel level,
                  const TraceWindow& window, ByteWriter& out) {
  Writer writer(traced, level, out);
  writer.begin(ranks.front());
  for (const TraceRank& rank : ranks) writer.write_rank(rank, window);
  writer.end();
}

}  // namespace windtunnel
