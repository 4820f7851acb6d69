#include "simulator/batch/merged_rows.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "simulator/base/error.h"
#include "simulator/batch/shard_file.h"

namespace windtunnel {
namespace {

constexpr int kMostRanges = 8;

/// A file in the address space: hundreds of shards are more than a process may hold open.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const off_t end = file < 0 ? 0 : ::lseek(file, 0, SEEK_END);
    if (end > 0) {
      size_ = static_cast<std::size_t>(end);
      data_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
    }
    if (file >= 0) ::close(file);
  }
  MappedFile(MappedFile&& other) noexcept
      : data_(std::exchange(other.data_, MAP_FAILED)), size_(std::exchange(other.size_, 0)) {}
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile() {
    if (data_ != MAP_FAILED) ::munmap(data_, size_);
  }

  /// Takes no memory until it is read again.
  void leave() const {
    if (data_ != MAP_FAILED) ::madvise(data_, size_, MADV_DONTNEED);
  }

  std::string_view text() const {
    return data_ == MAP_FAILED ? std::string_view()
                               : std::string_view(static_cast<const char*>(data_), size_);
  }

 private:
  void* data_ = MAP_FAILED;
  std::size_t size_ = 0;
};

/// The shards, for rows at any place.
class MappedShards {
 public:
  explicit MappedShards(const std::vector<std::filesystem::path>& files)
      : files_(files.begin(), files.end()) {}

  std::string_view text(const RowPlace& place) const {
    const std::string_view whole = files_[static_cast<std::size_t>(place.file)].text();
    const auto end = static_cast<std::size_t>(place.offset + place.size);
    if (end > whole.size()) throw UsageError("a shard changed while it was read");
    return whole.substr(static_cast<std::size_t>(place.offset),
                        static_cast<std::size_t>(place.size));
  }

  void leave() const {
    for (const MappedFile& file : files_) file.leave();
  }

 private:
  std::vector<MappedFile> files_;
};

void check_same(const std::filesystem::path& file, const ShardHead& head,
                const std::filesystem::path& first, const BatchHead& batch) {
  if (head.batch == batch) return;
  throw ConfigError(
      {std::make_shared<const SourceFile>(SourceFile{file.string(), head_line(head)}), 1, 1},
      fmt::format("this shard is of another batch than `{}`", first.string()),
      fmt::format("shards of `{}` with the hash {}: the same specification, files, measurements "
                  "and version",
                  batch.name, batch.hash));
}

/// Where `file` ends in a broken line: a note of it, and an error where no row can be missing
/// there.
std::string torn_text(const std::filesystem::path& file, const ShardContent& content,
                      std::int64_t rows) {
  if (content.torn.empty()) return "";
  const std::int64_t whole = share_size(content.head.share, content.head.batch.count);
  if (rows >= whole) {
    reject_line(
        file, content.lines + 1, content.torn, "the file ends in a broken line, which is no row",
        fmt::format("nothing behind line {}: the shard has all its {} rows", content.lines, whole));
  }
  return fmt::format("\n{}:{}: the file ends in a broken line", file.string(), content.lines + 1);
}

}  // namespace

MergedRows merge_shards(const std::vector<std::filesystem::path>& files,
                        const std::function<void(const BatchHead&)>& accept) {
  MergedRows merged{.head = {}, .files = files, .places = {}, .missing = 0};
  const MappedShards open(files);
  bool first = true;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto begin = [&](const ShardHead& head) {
      if (first) {
        if (accept) accept(head.batch);
        merged.head = head.batch;
        merged.missing = head.batch.count;
        merged.places.resize(static_cast<std::size_t>(head.batch.count));
      }
      first = false;
      check_same(files[i], head, files[0], merged.head);
    };
    std::int64_t count = 0;
    const auto add = [&](const ShardRow& row) {
      ++count;
      RowPlace& place = merged.places[static_cast<std::size_t>(row.id)];
      if (place.file < 0) {
        --merged.missing;
        place = {.offset = row.offset,
                 .size = static_cast<std::int32_t>(row.text.size()),
                 .file = static_cast<std::int32_t>(i)};
      } else if (open.text(place) != row.text) {
        reject_line(files[i], row.line, fmt::format("{},{}", row.id, row.text),
                    fmt::format("row {} is another in `{}`", row.id,
                                files[static_cast<std::size_t>(place.file)].string()),
                    fmt::format("{},{}", row.id, open.text(place)));
      }
    };
    const ShardContent content = read_shard(files[i], begin, add);
    if (content.end == 0) {
      reject_line(files[i], 1, "", "this shard is empty", "a shard that `sweep` or `plan` wrote");
    }
    merged.torn += torn_text(files[i], content, count);
  }
  return merged;
}

std::string missing_text(const MergedRows& rows) {
  std::string text;
  int ranges = 0;
  std::int64_t told = 0;
  const auto size = static_cast<std::int64_t>(rows.places.size());
  const auto lacks = [&](std::int64_t id) {
    return id < size && rows.places[static_cast<std::size_t>(id)].file < 0;
  };
  for (std::int64_t id = 0; id < size && ranges < kMostRanges; ++id) {
    if (!lacks(id)) continue;
    const std::int64_t first = id;
    while (lacks(id + 1)) ++id;
    if (ranges++ > 0) text += ", ";
    text += first == id ? fmt::format("{}", id) : fmt::format("{} to {}", first, id);
    told += id - first + 1;
  }
  if (told < rows.missing) text += fmt::format(" and {} more", rows.missing - told);
  return text + rows.torn;
}

void for_each_row(const MergedRows& rows,
                  const std::function<void(std::int64_t id, std::string_view text)>& row) {
  constexpr std::size_t kRowsAtOnce = 1 << 16;
  const MappedShards open(rows.files);
  for (std::size_t id = 0; id < rows.places.size(); ++id) {
    if (id % kRowsAtOnce == 0) open.leave();
    const RowPlace& place = rows.places[id];
    if (place.file >= 0) row(static_cast<std::int64_t>(id), open.text(place));
  }
}

}  // namespace windtunnel
