#include "simulator/profile/kineto_file.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <string>
#include <unordered_map>
#include <utility>

#include "simulator/base/byte_stream.h"
#include "simulator/base/error.h"
#include "simulator/base/shown_text.h"
#include "simulator/profile/kineto_time.h"
#include "simulator/profile/open_events.h"

namespace windtunnel {
namespace {

constexpr std::size_t kDeepest = 512;
constexpr std::int64_t kDay = 86'400'000'000'000;  // no kernel takes longer; sums stay in range

/// What the object or array is that is being read.
enum class Scope : std::uint8_t {
  kOther,
  kFile,
  kEvents,
  kEvent,
  kArguments,
  kGrid,
  kDevices,
  kDevice,
  kDistributed,
};

/// The key whose value comes next.
enum class Key : std::uint8_t {
  kOther,
  kEvents,
  kDevices,
  kDistributed,
  kPhase,
  kCategory,
  kName,
  kProcess,
  kThread,
  kStart,
  kLength,
  kArguments,
  kGrid,
  kRank,
  kWorldSize,
};

struct KeyName {
  Scope scope;
  std::string_view name;
  Key key;
};

constexpr std::array kKeys = {
    KeyName{Scope::kFile, "traceEvents", Key::kEvents},
    KeyName{Scope::kFile, "deviceProperties", Key::kDevices},
    KeyName{Scope::kFile, "distributedInfo", Key::kDistributed},
    KeyName{Scope::kEvent, "ph", Key::kPhase},
    KeyName{Scope::kEvent, "cat", Key::kCategory},
    KeyName{Scope::kEvent, "name", Key::kName},
    KeyName{Scope::kEvent, "pid", Key::kProcess},
    KeyName{Scope::kEvent, "tid", Key::kThread},
    KeyName{Scope::kEvent, "ts", Key::kStart},
    KeyName{Scope::kEvent, "dur", Key::kLength},
    KeyName{Scope::kEvent, "args", Key::kArguments},
    KeyName{Scope::kArguments, "grid", Key::kGrid},
    KeyName{Scope::kDevice, "name", Key::kName},
    KeyName{Scope::kDistributed, "rank", Key::kRank},
    KeyName{Scope::kDistributed, "world_size", Key::kWorldSize},
};

Key key_of(Scope scope, std::string_view name) {
  for (const KeyName& known : kKeys) {
    if (known.scope == scope && known.name == name) return known.key;
  }
  return Key::kOther;
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

bool is_kernel(std::string_view category) {
  return one_of(category, {"kernel", "Kernel", "gpu_memcpy", "gpu_memset", "Memcpy", "Memset",
                           "concurrent_kernel"});
}

bool is_annotation(std::string_view category) {
  return one_of(category, {"gpu_user_annotation", "user_annotation", "nvtx", "NVTX"});
}

/// An event as its keys come, in any order.
struct Event {
  std::string phase;
  std::string category;
  std::string name;
  std::string process;
  std::string thread;
  std::string start;
  std::string length;
  std::string grid;
  std::size_t byte = 0;

  void clear(std::size_t at) {
    for (std::string* text :
         {&phase, &category, &name, &process, &thread, &start, &length, &grid}) {
      text->clear();
    }
    byte = at;
  }
};

/// Takes what RapidJSON reads and keeps what a profile is made of.
class Handler {
 public:
  Handler(Profile& profile, const JsonSource& source) : profile_(profile), source_(source) {}

  bool StartObject() { return open(true); }
  bool StartArray() { return open(false); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    key_ = key_of(scopes_.back(), {text, size});
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) { return value({text, size}); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return value({text, size}); }
  bool Null() { return value({}); }
  bool Bool(bool) { return value({}); }
  // Numbers come as text.
  bool Int(int) { return true; }
  bool Uint(unsigned) { return true; }
  bool Int64(std::int64_t) { return true; }
  bool Uint64(std::uint64_t) { return true; }
  bool Double(double) { return true; }

  [[nodiscard]] bool too_deep() const { return scopes_.size() >= kDeepest; }
  [[nodiscard]] bool has_events() const { return has_events_; }
  /// After the last event.
  void finish() { open_events_.close(profile_, kDay); }

 private:
  using Place = enum Key;

  Scope inner(bool object) const {
    if (scopes_.empty()) return object ? Scope::kFile : Scope::kEvents;
    switch (scopes_.back()) {
      case Scope::kFile:
        if (key_ == Place::kEvents && !object) return Scope::kEvents;
        if (key_ == Place::kDevices && !object) return Scope::kDevices;
        return key_ == Place::kDistributed && object ? Scope::kDistributed : Scope::kOther;
      case Scope::kEvents:
        return object ? Scope::kEvent : Scope::kOther;
      case Scope::kEvent:
        return key_ == Place::kArguments && object ? Scope::kArguments : Scope::kOther;
      case Scope::kArguments:
        return key_ == Place::kGrid && !object ? Scope::kGrid : Scope::kOther;
      case Scope::kDevices:
        return object ? Scope::kDevice : Scope::kOther;
      default:
        return Scope::kOther;
    }
  }

  bool open(bool object) {
    if (too_deep()) return false;
    scopes_.push_back(inner(object));
    key_ = Place::kOther;
    if (scopes_.back() == Scope::kEvent) event_.clear(source_.Tell() - 1);
    if (scopes_.back() == Scope::kEvents) has_events_ = true;
    if (scopes_.back() == Scope::kGrid) event_.grid.clear();
    return true;
  }

  bool close() {
    if (scopes_.back() == Scope::kEvent) finish_event();
    scopes_.pop_back();
    key_ = Place::kOther;
    return true;
  }

  bool value(std::string_view text) {
    if (scopes_.empty()) return true;
    switch (scopes_.back()) {
      case Scope::kEvent:
        if (std::string* field = field_of(key_)) field->assign(text);
        break;
      case Scope::kGrid:
        if (!event_.grid.empty()) event_.grid += 'x';
        event_.grid += text;
        break;
      case Scope::kDevice:
        if (key_ == Place::kName && profile_.gpu.empty()) profile_.gpu = text;
        break;
      case Scope::kDistributed:
        if (key_ == Place::kRank) profile_.rank = whole(text);
        if (key_ == Place::kWorldSize) profile_.world_size = whole(text);
        break;
      default:
        break;
    }
    return true;
  }

  std::string* field_of(Place key) {
    switch (key) {
      case Place::kPhase:
        return &event_.phase;
      case Place::kCategory:
        return &event_.category;
      case Place::kName:
        return &event_.name;
      case Place::kProcess:
        return &event_.process;
      case Place::kThread:
        return &event_.thread;
      case Place::kStart:
        return &event_.start;
      case Place::kLength:
        return &event_.length;
      default:
        return nullptr;
    }
  }

  static std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }

  void leave_out(UntimedKernels& left) const {
    if (left.count++ == 0) left.first_byte = event_.byte;
  }

  void finish_event() {
    ++profile_.events;
    const bool kernel = is_kernel(event_.category);
    const bool annotation = is_annotation(event_.category);
    const auto start = parse_microseconds(event_.start);
    if (one_of(event_.phase, {"B", "E"})) finish_mark(start, kernel, annotation);
    if (event_.phase != "X") return;
    const auto length = parse_microseconds(event_.length);
    if (!start || !length || *length < 0 || *length > kDay) {
      if (kernel) leave_out(profile_.timeless);
      return;
    }
    // What a profiler says of itself (`cat` "Trace") spans more than what it saw.
    if (event_.category != "Trace") {
      cover(*start, *start + *length);
    }
    if (kernel) {
      track().kernels.push_back(profile_.make_span(*start, *length, kind()));
    } else if (annotation) {
      track().annotations.push_back(
          profile_.make_span(*start, *length, profile_.texts.number_of(event_.name)));
    }
  }

  /// A begin or an end of its own; an end need not say of what.
  void finish_mark(const std::optional<std::int64_t>& time, bool kernel, bool annotation) {
    if (!time) {
      if (kernel) leave_out(profile_.timeless);
      return;
    }
    cover(*time, *time);
    const std::uint32_t on = track_number();
    const std::uint32_t name =
        event_.name.empty() ? kUnnamed : profile_.texts.number_of(event_.name);
    if (event_.phase == "E") {
      open_events_.end(on, *time, event_.byte, name);
    } else if (kernel) {
      open_events_.begin(on, *time, Opened::kKernel, kind(), event_.byte, name);
    } else if (annotation) {
      open_events_.begin(on, *time, Opened::kAnnotation, profile_.texts.number_of(event_.name),
                         event_.byte, name);
    } else {
      open_events_.begin(on, *time, Opened::kOther, 0, event_.byte, name);
    }
  }

  void cover(std::int64_t start, std::int64_t end) {
    profile_.first = std::min(profile_.first, start);
    profile_.last = std::max(profile_.last, end);
  }

  Track& track() { return profile_.tracks[track_number()]; }

  std::uint32_t track_number() {
    const std::uint64_t process = profile_.texts.number_of(event_.process);
    const std::uint64_t thread = profile_.texts.number_of(event_.thread);
    const auto [found, fresh] = tracks_.emplace(process << 32 | thread, profile_.tracks.size());
    if (fresh) {
      profile_.tracks.push_back({.process = static_cast<std::uint32_t>(process),
                                 .thread = static_cast<std::uint32_t>(thread),
                                 .kernels = {},
                                 .annotations = {}});
    }
    return static_cast<std::uint32_t>(found->second);
  }

  std::uint32_t kind() {
    const std::uint64_t name = profile_.texts.number_of(event_.name);
    const std::uint64_t grid = profile_.texts.number_of(event_.grid);
    const auto [found, fresh] = kinds_.emplace(name << 32 | grid, profile_.kinds.size());
    if (fresh) {
      profile_.kinds.push_back(
          {.name = static_cast<std::uint32_t>(name), .grid = static_cast<std::uint32_t>(grid)});
    }
    return static_cast<std::uint32_t>(found->second);
  }

  Profile& profile_;
  const JsonSource& source_;
  std::vector<Scope> scopes_;
  bool has_events_ = false;  ///< a list of them, which may be empty
  Place key_ = Place::kOther;
  Event event_;
  std::unordered_map<std::uint64_t, std::size_t> tracks_;
  std::unordered_map<std::uint64_t, std::size_t> kinds_;
  OpenEvents open_events_;
};

[[noreturn]] void reject(const std::string& name, std::size_t byte, const std::string& message,
                         const JsonSource& source) {
  constexpr std::size_t kShown = 60;
  const std::string near = shown_text(source.around(byte, kShown));
  const std::string shown = near.empty() ? "" : fmt::format("\n  near: {}", near);
  throw UsageError(fmt::format("{}: byte {}: error: {}{}", name, byte, message, shown));
}

/// Editors of some systems put one before UTF-8, though JSON has none.
void skip_byte_order_mark(const std::string& name, JsonSource& source) {
  if (source.Peek() != '\xEF') return;
  for (const char byte : {'\xEF', '\xBB', '\xBF'}) {
    if (source.Peek() != byte) reject(name, source.Tell(), "half a byte order mark", source);
    source.Take();
  }
}

}  // namespace

Profile read_kineto(ReadBytes read, const std::string& name) {
  constexpr unsigned kFlags =
      rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseNanAndInfFlag;
  Profile profile;
  JsonSource source(std::move(read));
  skip_byte_order_mark(name, source);
  Handler handler(profile, source);
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(source, handler);
  if (handler.too_deep()) reject(name, result.Offset(), "nests deeper than 512 levels", source);
  if (result.IsError()) {
    const bool ended = source.Peek() == '\0';
    std::string message = rapidjson::GetParseError_En(result.Code());
    if (message.ends_with('.')) message.pop_back();
    reject(name, result.Offset(),
           ended ? fmt::format("the file ends too early ({})", message) : message, source);
  }
  if (!handler.has_events()) {
    reject(name, 0, "no list of events: a profile has \"traceEvents\", or is one", source);
  }
  handler.finish();
  sort_spans(profile);
  return profile;
}

Profile read_kineto(const std::filesystem::path& path) {
  ByteReader reader(path);
  return read_kineto([&](char* bytes, std::size_t size) { return reader.read(bytes, size); },
                     path.string());
}

}  // namespace windtunnel
