#include "simulator/batch/shard_file.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <fstream>
#include <memory>
#include <optional>

#include "simulator/base/error.h"
#include "simulator/base/hash.h"
#include "simulator/base/text_file.h"
#include "simulator/batch/row_text.h"

namespace windtunnel {
namespace {

constexpr std::string_view kMagic = "windtunnel-shard";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kChecksum = 16;
constexpr std::size_t kHeadCells = 7;  // before the columns
constexpr std::array<std::string_view, 4> kTypes = {"any", "whole", "real", "text"};
constexpr const char* kRemedy =
    "the file as windtunnel wrote it; or delete it, and its rows are computed again";

std::string checksum(std::string_view hash, std::string_view payload) {
  return content_hash(fmt::format("{}\t{}", hash, payload)).substr(0, kChecksum);
}

std::string with_checksum(std::string_view hash, const std::string& payload) {
  return fmt::format("{}\t{}\n", payload, checksum(hash, payload));
}

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Column> to_column(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (kTypes[i] == text.substr(colon + 1)) {
      return Column{text.substr(0, colon), static_cast<ColumnType>(i)};
    }
  }
  return std::nullopt;
}

std::optional<ShardHead> to_head(const Cells& cells) {
  if (cells.size() < kHeadCells || cells[0] != kMagic || cells[1] != kVersion) return {};
  const auto count = to_integer(cells[3]);
  const auto index = to_integer(cells[4]);
  const auto of = to_integer(cells[5]);
  if (!count || *count < 0 || !index || !of || *index < 0 || *of <= *index || *of > 1 << 30) {
    return {};
  }
  ShardHead head{.batch = {.name = cells[6], .hash = cells[2], .count = *count, .columns = {}},
                 .share = {static_cast<int>(*index), static_cast<int>(*of)}};
  for (std::size_t i = kHeadCells; i < cells.size(); ++i) {
    const auto column = to_column(cells[i]);
    if (!column) return {};
    head.batch.columns.push_back(*column);
  }
  return head;
}

/// A line without its newline, cut into what it says and its checksum.
struct Line {
  std::string_view payload;
  std::string_view checksum;
};

std::optional<Line> cut(std::string_view line) {
  if (line.size() <= kChecksum || line[line.size() - kChecksum - 1] != '\t') return std::nullopt;
  const std::size_t tab = line.size() - kChecksum - 1;
  return Line{line.substr(0, tab), line.substr(tab + 1)};
}

ShardHead read_head(const std::filesystem::path& file, std::string_view text) {
  const auto line = cut(text);
  if (!line || !line->payload.starts_with(kMagic)) {
    reject_line(file, 1, text, "this is no shard", "a file that `sweep` or `plan` wrote");
  }
  const auto head = to_head(row_cells(line->payload));
  if (!head || checksum(head->batch.hash, line->payload) != line->checksum) {
    reject_line(file, 1, text, "the shard's first line is broken", kRemedy);
  }
  return *head;
}

ShardRow read_row(const std::filesystem::path& file, const ShardHead& head, std::string_view text,
                  int number) {
  const auto line = cut(text);
  if (!line || checksum(head.batch.hash, line->payload) != line->checksum) {
    reject_line(file, number, text, "this line is broken: its checksum is another", kRemedy);
  }
  const std::size_t comma = std::min(line->payload.find(','), line->payload.size());
  const auto id = to_integer(line->payload.substr(0, comma));
  const bool shared =
      id && *id >= 0 && *id < head.batch.count && *id % head.share.of == head.share.index;
  if (!shared) {
    reject_line(
        file, number, text, "no id of this shard",
        fmt::format("{} + k x {}, below {}", head.share.index, head.share.of, head.batch.count));
  }
  return {.id = *id,
          .text = line->payload.substr(std::min(comma + 1, line->payload.size())),
          .offset = static_cast<std::int64_t>(comma) + 1,
          .line = number};
}

}  // namespace

void reject_line(const std::filesystem::path& file, int line, std::string_view text,
                 const std::string& message, const std::string& accepted) {
  // The place of an error shows its line: the lines before it need not be held for that.
  const auto shown = std::make_shared<const SourceFile>(SourceFile{
      file.string(), std::string(static_cast<std::size_t>(line) - 1, '\n') + std::string(text)});
  throw ConfigError({shown, line, 1}, message, accepted);
}

std::string head_line(const ShardHead& head) {
  Cells cells{std::string(kMagic),
              std::string(kVersion),
              head.batch.hash,
              fmt::format("{}", head.batch.count),
              fmt::format("{}", head.share.index),
              fmt::format("{}", head.share.of),
              head.batch.name};
  for (const Column& column : head.batch.columns) {
    cells.push_back(column.name + ":" + std::string(kTypes[static_cast<std::size_t>(column.type)]));
  }
  return with_checksum(head.batch.hash, row_text(cells));
}

std::string row_line(const BatchHead& batch, std::int64_t id, const Cells& cells) {
  return with_checksum(batch.hash, fmt::format("{},{}", id, row_text(cells)));
}

ShardContent read_shard(const std::filesystem::path& file,
                        const std::function<void(const ShardHead&)>& begin,
                        const std::function<void(const ShardRow&)>& row) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    read_text_file(file);  // says why
    throw UsageError(fmt::format("can't read `{}`", file.string()));
  }
  ShardContent content{};
  std::string text;
  while (std::getline(in, text) && !in.eof()) {
    const int line = ++content.lines;
    if (line == 1) {
      content.head = read_head(file, text);
      begin(content.head);
    } else {
      ShardRow one = read_row(file, content.head, text, line);
      one.offset += content.end;
      row(one);
    }
    content.end += static_cast<std::int64_t>(text.size()) + 1;
  }
  content.torn = text;
  return content;
}

}  // namespace windtunnel
