#include "simulator/base/byte_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <iterator>

#include "simulator/base/error.h"
#include "simulator/base/text_file.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

std::string read_all(const std::filesystem::path& path) {
  ByteReader reader(path);
  std::string all;
  std::array<char, 1000> piece{};
  for (std::size_t got = reader.read(piece.data(), piece.size()); got > 0;
       got = reader.read(piece.data(), piece.size())) {
    all.append(piece.data(), got);
  }
  return all;
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919) + "\n";
  return text;
}

void write_all(const std::filesystem::path& path, const std::string& text) {
  ByteWriter writer(path);
  writer.write(text.substr(0, 10));
  writer.write(text.substr(10));
  EXPECT_EQ(writer.size(), text.size());
  writer.finish();
}

TEST(ByteStream, PlainAndPackedComeBackAsTheyWere) {
  const TemporaryFolder folder;
  const std::string text = long_text();
  write_all(folder.path / "a.json", text);
  write_all(folder.path / "a.json.gz", text);
  EXPECT_EQ(read_text_file(folder.path / "a.json"), text);
  EXPECT_EQ(read_text_file(folder.path / "a.json.gz").substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(read_all(folder.path / "a.json"), text);
  EXPECT_EQ(read_all(folder.path / "a.json.gz"), text);
}

TEST(ByteStream, TheSameTextIsPackedIntoTheSameBytes) {
  const TemporaryFolder folder;
  write_all(folder.path / "a.gz", long_text());
  write_all(folder.path / "b.gz", long_text());
  EXPECT_EQ(read_text_file(folder.path / "a.gz"), read_text_file(folder.path / "b.gz"));
}

TEST(ByteStream, WithoutFinishTheOldFileStays) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.write("a.json", "old");
  { ByteWriter(file).write("new"); }
  EXPECT_EQ(read_text_file(file), "old");
  const std::filesystem::directory_iterator all(folder.path);
  EXPECT_EQ(std::distance(begin(all), end(all)), 1);
}

TEST(ByteStream, TruncatedGzipIsAnErrorWithItsPlace) {
  const TemporaryFolder folder;
  write_all(folder.path / "a.gz", long_text());
  const std::string packed = read_text_file(folder.path / "a.gz");
  const auto half = folder.write("half.gz", packed.substr(0, packed.size() / 2));
  try {
    read_all(half);
    FAIL();
  } catch (const UsageError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("half.gz: byte "), std::string::npos) << text;
    EXPECT_NE(text.find("end too early"), std::string::npos) << text;
  }
}

TEST(ByteStream, ABrokenChecksumIsSaidOnceWithItsByteInTheFile) {
  const TemporaryFolder folder;
  write_all(folder.path / "a.gz", long_text());
  std::string packed = read_text_file(folder.path / "a.gz");
  constexpr std::size_t kTrailer = 8;  // the checksum and the size, four bytes each
  packed[packed.size() - kTrailer] = static_cast<char>(packed[packed.size() - kTrailer] ^ 1);
  const std::size_t checksum = packed.size() - kTrailer;
  const auto broken = folder.write("crc.json.gz", packed);
  const std::string text = folder.without_folder(message_of([&] { read_all(broken); }));
  const std::string head = "crc.json.gz: byte ";
  ASSERT_EQ(text.substr(0, head.size()), head);
  const std::size_t byte = std::stoul(text.substr(head.size()));
  EXPECT_GE(byte, checksum);
  EXPECT_LE(byte, checksum + kTrailer / 2);
  EXPECT_EQ(text.substr(text.find(": error")),
            ": error: the compressed data are broken: incorrect data check");
}

TEST(ByteStream, WhatCannotBeOpenedIsAUsageError) {
  const TemporaryFolder folder;
  EXPECT_THROW(ByteReader(folder.path / "none"), UsageError);
  EXPECT_THROW(ByteReader(folder.path), UsageError);
  EXPECT_THROW(ByteWriter(folder.path / "none" / "a"), UsageError);
}

}  // namespace
}  // namespace windtunnel
