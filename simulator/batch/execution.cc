#include "simulator/batch/execution.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#include "simulator/base/error.h"
#include "simulator/base/threads.h"
#include "simulator/batch/shard_file.h"
#include "simulator/batch/shard_writer.h"

namespace windtunnel {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kChunksPerWorker = 64;  // the last ones end at about the same time
constexpr std::int64_t kLargestChunk = 256;
constexpr std::chrono::seconds kLongestUnwritten{2};

/// Which ids of the share have a row: a bit each is all that grows with the batch.
struct Present {
  std::vector<bool> rows;
  std::int64_t count = 0;

  void add(std::int64_t position) {
    const auto at = static_cast<std::size_t>(position);
    if (!rows[at]) ++count;
    rows[at] = true;
  }
};

void check_head(const std::filesystem::path& file, const ShardHead& found, const ShardHead& own) {
  if (found == own) return;
  const bool other_share = found.batch == own.batch;
  throw ConfigError(
      {std::make_shared<const SourceFile>(SourceFile{file.string(), head_line(found)}), 1, 1},
      other_share ? fmt::format("this is shard {}/{}", found.share.index, found.share.of)
                  : fmt::format("these are rows of another batch, `{}` of {} points",
                                found.batch.name, found.batch.count),
      "rows of the same specification, files, measurements and version; or another file");
}

/// Notes the rows of `file`; the size up to which it is whole.
std::int64_t read_rows(const std::filesystem::path& file, const ShardHead& own, Present& present) {
  std::error_code missing;
  if (!std::filesystem::exists(file, missing)) return 0;
  const ShardContent content = read_shard(
      file, [&](const ShardHead& found) { check_head(file, found, own); },
      [&](const ShardRow& row) { present.add(row.id / own.share.of); });
  return content.end;
}

/// What the threads share.
struct Work {
  const Batch& batch;
  const ExecutionOptions& options;
  const Present& present;
  ShardWriter& writer;
  std::int64_t size;   // ids of the share
  std::int64_t chunk;  // ids of a ticket
  std::mutex mutex = {};
  std::atomic<std::int64_t> added = 0;
  std::atomic<bool> stopped = false;
  std::atomic<bool> failed = false;
};

void write_lines(Work& work, std::string& lines) {
  const std::lock_guard lock(work.mutex);
  work.writer.append(lines);
  lines.clear();
}

std::int64_t next_ticket(Work& work) {
  const std::lock_guard lock(work.mutex);
  const std::int64_t ticket = work.options.tickets();
  if (work.options.progress) {
    const double done = static_cast<double>(std::min(ticket * work.chunk, work.size));
    work.options.progress(done / static_cast<double>(work.size));
  }
  return ticket;
}

void run_chunk(Work& work, std::int64_t first) {
  const BatchPart& share = work.options.share;
  std::string lines;
  auto written = Clock::now();
  for (std::int64_t at = first; at < std::min(first + work.chunk, work.size); ++at) {
    if (work.options.stopped && work.options.stopped()) work.stopped = true;
    if (work.stopped || work.failed) break;
    if (work.present.rows[static_cast<std::size_t>(at)]) continue;
    const std::int64_t id = share.index + at * share.of;
    lines += row_line(work.batch.head, id, work.batch.evaluate(id));
    ++work.added;
    if (Clock::now() - written < kLongestUnwritten) continue;
    write_lines(work, lines);
    written = Clock::now();
  }
  write_lines(work, lines);
}

void run_thread(Work& work) {
  try {
    while (!work.stopped && !work.failed) {
      const std::int64_t first = next_ticket(work) * work.chunk;
      if (first >= work.size) return;
      run_chunk(work, first);
    }
  } catch (...) {
    work.failed = true;
    throw;
  }
}

}  // namespace

Tickets own_tickets() {
  return [next = std::make_shared<std::atomic<std::int64_t>>(0)] { return (*next)++; };
}

Execution execute(const Batch& batch, const ExecutionOptions& options) {
  const ShardHead head{.batch = batch.head, .share = options.share};
  ShardWriter writer(options.file);
  const std::int64_t size = share_size(options.share, batch.head.count);
  Present present{.rows = std::vector<bool>(static_cast<std::size_t>(size))};
  const std::int64_t whole = read_rows(options.file, head, present);
  for (const auto& file : options.others) read_rows(file, head, present);
  begin_shard(writer, options.file, head, whole);
  Work work{.batch = batch,
            .options = options,
            .present = present,
            .writer = writer,
            .size = size,
            .chunk = std::clamp<std::int64_t>(size / (kChunksPerWorker * options.workers), 1,
                                              kLargestChunk)};
  if (present.count < size) {
    parallel_for(options.threads, options.threads, [&](int) { run_thread(work); });
  }
  writer.sync();
  return {.found = present.count, .added = work.added, .stopped = work.stopped};
}

}  // namespace windtunnel
