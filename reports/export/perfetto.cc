#include "reports/export/perfetto.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <protozero/pbf_builder.hpp>
#include <set>
#include <string_view>
#include <unordered_map>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

enum class Trace : protozero::pbf_tag_type { kPacket = 1 };
enum class Packet : protozero::pbf_tag_type {
  kTimestamp = 8,
  kSequenceId = 10,
  kTrackEvent = 11,
  kInternedData = 12,
  kSequenceFlags = 13,
  kTrackDescriptor = 60
};
enum class Descriptor : protozero::pbf_tag_type {
  kUuid = 1,
  kName = 2,
  kProcess = 3,
  kParentUuid = 5,
  kChildOrdering = 11,
  kSiblingOrderRank = 12
};
enum class Process : protozero::pbf_tag_type { kPid = 1, kName = 6 };
enum class Event : protozero::pbf_tag_type {
  kDebugAnnotation = 4,
  kType = 9,
  kNameIid = 10,
  kTrackUuid = 11,
  kFlowId = 47,
  kTerminatingFlowId = 48,
  kCorrelationId = 52
};
enum class Annotation : protozero::pbf_tag_type { kNameIid = 1, kInt = 4, kStringIid = 17 };
enum class Interned : protozero::pbf_tag_type {
  kEventNames = 2,
  kAnnotationNames = 3,
  kStringValues = 29
};
enum class Name : protozero::pbf_tag_type { kIid = 1, kText = 2 };

constexpr std::uint32_t kSequence = 1;
constexpr std::uint32_t kCleared = 1;
constexpr std::uint32_t kNeedsState = 2;
constexpr std::int32_t kBegin = 1;
constexpr std::int32_t kEnd = 2;
constexpr std::int32_t kExplicitOrder = 3;

std::uint64_t nanoseconds(std::int64_t picoseconds) {
  return static_cast<std::uint64_t>((picoseconds + 500) / 1000);
}

/// Texts already sent, by their table.
using Known = std::map<Interned, std::unordered_map<std::string, std::uint64_t>>;

class Writer {
 public:
  Writer(const TracedStep& traced, const std::vector<TraceRank>& ranks, ByteWriter& out)
      : traced_(traced), out_(out) {
    std::set<std::int32_t> exported;
    for (const TraceRank& rank : ranks) exported.insert(rank.rank);
    for (const Arrival& arrival : arrivals(traced)) {
      const auto rank_at = [&](OpId op) { return rank_of(traced.simulated.step, op); };
      if (exported.count(rank_at(arrival.send)) + exported.count(rank_at(arrival.receiver)) < 2) {
        continue;
      }
      sends_.insert(arrival.send);
      received_.emplace(arrival.receiver, arrival.send);
    }
  }

  void write_rank(const TraceRank& rank, TraceLevel level, const TraceWindow& window) {
    describe(rank);
    visit_slices(traced_, rank, level, window,
                 [&](const Slice& slice) { write_slice(rank, slice); });
    close_until(INT64_MAX);
  }

 private:
  struct Open {
    std::uint64_t track;
    std::int64_t end;
  };

  static std::uint64_t process_uuid(const TraceRank& rank) {
    return (static_cast<std::uint64_t>(rank.gpu) + 1) << 8;
  }

  static std::uint64_t track_uuid(const TraceRank& rank, TraceLane lane) {
    return process_uuid(rank) + 1 + static_cast<std::uint64_t>(lane);
  }

  /// Hands a packet with its sequence id to the file.
  template <typename Fill>
  void packet(const Fill& fill) {
    std::string bytes;
    {
      protozero::pbf_builder<Packet> builder(bytes);
      fill(builder);
      builder.add_uint32(Packet::kSequenceId, kSequence);
      builder.add_uint32(Packet::kSequenceFlags, first_ ? kCleared | kNeedsState : kNeedsState);
    }
    first_ = false;
    std::string framed;
    protozero::pbf_builder<Trace>(framed).add_message(Trace::kPacket, bytes);
    out_.write(framed);
  }

  void describe(const TraceRank& rank) {
    packet([&](protozero::pbf_builder<Packet>& it) {
      protozero::pbf_builder<Descriptor> track(it, Packet::kTrackDescriptor);
      track.add_uint64(Descriptor::kUuid, process_uuid(rank));
      track.add_int32(Descriptor::kChildOrdering, kExplicitOrder);
      protozero::pbf_builder<Process> process(track, Descriptor::kProcess);
      process.add_int32(Process::kPid, rank.gpu + 1);
      process.add_string(Process::kName, rank_name(rank));
    });
    for (const TraceLane lane : lanes_of(traced_)) {
      packet([&](protozero::pbf_builder<Packet>& it) {
        protozero::pbf_builder<Descriptor> track(it, Packet::kTrackDescriptor);
        track.add_uint64(Descriptor::kUuid, track_uuid(rank, lane));
        track.add_uint64(Descriptor::kParentUuid, process_uuid(rank));
        track.add_string(Descriptor::kName, std::string(lane_name(lane)));
        track.add_int32(Descriptor::kSiblingOrderRank, static_cast<std::int32_t>(lane));
      });
    }
  }

  /// Ends what is over at `time` on the lane; what encloses it ends after it.
  void close_until(std::int64_t time) {
    while (!open_.empty() && open_.back().end <= time) {
      const Open last = open_.back();
      open_.pop_back();
      packet([&](protozero::pbf_builder<Packet>& it) {
        it.add_uint64(Packet::kTimestamp, nanoseconds(last.end));
        protozero::pbf_builder<Event> event(it, Packet::kTrackEvent);
        event.add_enum(Event::kType, kEnd);
        event.add_uint64(Event::kTrackUuid, last.track);
      });
    }
  }

  void write_slice(const TraceRank& rank, const Slice& slice) {
    const std::uint64_t track = track_uuid(rank, slice.lane);
    close_until(!open_.empty() && open_.back().track != track ? INT64_MAX : slice.start);
    std::string interned;
    std::string fields;
    event_fields(slice, track, fields, interned);
    packet([&](protozero::pbf_builder<Packet>& it) {
      it.add_uint64(Packet::kTimestamp, nanoseconds(slice.start));
      if (!interned.empty()) it.add_message(Packet::kInternedData, interned);
      it.add_message(Packet::kTrackEvent, fields);
    });
    open_.push_back({track, slice.end});
  }

  void event_fields(const Slice& slice, std::uint64_t track, std::string& fields,
                    std::string& interned) {
    protozero::pbf_builder<Event> event(fields);
    event.add_enum(Event::kType, kBegin);
    event.add_uint64(Event::kTrackUuid, track);
    event.add_uint64(Event::kNameIid, intern(Interned::kEventNames, slice.name, interned));
    if (slice.micro_batch >= 0) {
      event.add_uint64(Event::kCorrelationId, static_cast<std::uint64_t>(slice.micro_batch) + 1);
    }
    if (sends_.count(slice.op) > 0) event.add_fixed64(Event::kFlowId, flow(slice.op));
    const auto [begin, end] = received_.equal_range(slice.op);
    for (auto it = begin; it != end; ++it) {
      event.add_fixed64(Event::kTerminatingFlowId, flow(it->second));
    }
    const auto number = [&](const char* name, std::int64_t value) {
      if (value < 0) return;
      protozero::pbf_builder<Annotation> note(event, Event::kDebugAnnotation);
      note.add_uint64(Annotation::kNameIid, intern(Interned::kAnnotationNames, name, interned));
      note.add_int64(Annotation::kInt, value);
    };
    const auto text = [&](const char* name, std::string_view value) {
      if (value.empty()) return;
      const std::uint64_t iid = intern(Interned::kStringValues, std::string(value), interned);
      protozero::pbf_builder<Annotation> note(event, Event::kDebugAnnotation);
      note.add_uint64(Annotation::kNameIid, intern(Interned::kAnnotationNames, name, interned));
      note.add_uint64(Annotation::kStringIid, iid);
    };
    text("kind", slice.kind);
    number("micro_batch", slice.micro_batch);
    number("direction", slice.direction);
    number("stage", slice.stage);
    text("block", slice.block);
    number("block_in_stage", slice.position);
    if (slice.price != nullptr) {
      text("basis", basis_word(slice.price->provenance.basis));
      text("price", slice.price->provenance.source);
    }
  }

  static std::uint64_t flow(OpId send) { return static_cast<std::uint64_t>(send) + 1; }

  /// The number of a text, which is sent along the first time.
  std::uint64_t intern(Interned table, const std::string& text, std::string& interned) {
    auto& known = known_[table];
    const auto [found, fresh] = known.emplace(text, known.size() + 1);
    if (fresh) {
      protozero::pbf_builder<Interned> data(interned);
      protozero::pbf_builder<Name> name(data, table);
      name.add_uint64(Name::kIid, found->second);
      name.add_string(Name::kText, text);
    }
    return found->second;
  }

  const TracedStep& traced_;
  ByteWriter& out_;
  std::set<OpId> sends_;
  std::multimap<OpId, OpId> received_;
  Known known_;
  std::vector<Open> open_;
  bool first_ = true;
};

}  // namespace

void write_perfetto(const TracedStep& traced, const std::vector<TraceRank>& ranks, TraceLevel level,
                    const TraceWindow& window, ByteWriter& out) {
  Writer writer(traced, ranks, out);
  for (const TraceRank& rank : ranks) writer.write_rank(rank, level, window);
}

}  // namespace windtunnel
