#include "simulator/base/text_file.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

std::size_t file_count(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(ReadTextFile, ReturnsEveryByte) {
  const TemporaryFolder folder;
  const std::string text = std::string(3'000'000, 'x') + std::string("\0\r\n\xFF", 4);
  EXPECT_EQ(read_text_file(folder.write("a", text)), text);
  EXPECT_EQ(read_text_file(folder.write("b", "")), "");
}

TEST(ReadTextFile, PointsAtTheFileOrAtThePlaceThatNamedIt) {
  const TemporaryFolder folder;
  EXPECT_EQ(folder.without_folder(message_of([&] { read_text_file(folder.path / "no.toml"); })),
            "no.toml:1:1: error: can't read `no.toml`: No such file or directory\n"
            "   1 |\n"
            "     | ^\n"
            "  accepted: the path of a readable file\n");
  const auto naming = std::make_shared<const SourceFile>(SourceFile{"run.toml", "gpu = 'no.toml'"});
  EXPECT_EQ(message_of([&] {
              read_text_file("no.toml", {naming, 1, 7});
            }),
            "run.toml:1:7: error: can't read `no.toml`: No such file or directory\n"
            "   1 | gpu = 'no.toml'\n"
            "     |       ^\n"
            "  accepted: the path of a readable file\n");
}

TEST(ReadTextFile, RejectsAFolder) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path / "d");
  EXPECT_EQ(folder.without_folder(message_of([&] { read_text_file(folder.path / "d"); })),
            "d:1:1: error: can't read `d`: Is a directory\n"
            "   1 |\n"
            "     | ^\n"
            "  accepted: the path of a readable file\n");
}

TEST(ReadTextFile, SuggestsANeighbourOfTheSameKind) {
  const TemporaryFolder folder;
  folder.write("h800.csv", "");
  folder.write("h800.toml", "");
  const std::string message = message_of([&] { read_text_file(folder.path / "h8000.toml"); });
  EXPECT_NE(message.find("did you mean `h800.toml`?"), std::string::npos) << message;
}

TEST(WriteFileAtomically, ReplacesAFileAndLeavesNothingElse) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a.json", "old");
  write_file_atomically(path, "new");
  EXPECT_EQ(read_text_file(path), "new");
  EXPECT_EQ(file_count(folder.path), 1u);
}

TEST(WriteFileAtomically, WritesThroughALink) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a.json", "old");
  fs::create_symlink(path, folder.path / "link");
  write_file_atomically(folder.path / "link", "new");
  EXPECT_EQ(read_text_file(path), "new");
  EXPECT_TRUE(fs::is_symlink(folder.path / "link"));
}

TEST(WriteFileAtomically, LeavesADeviceADevice) {
  write_file_atomically("/dev/null", "text");
  EXPECT_FALSE(fs::is_regular_file("/dev/null"));
}

TEST(WriteFileAtomically, SaysWhyItCannot) {
  const TemporaryFolder folder;
  const fs::path path = folder.path / "missing" / "a.json";
  EXPECT_EQ(folder.without_folder(message_of([&] { write_file_atomically(path, "x"); })),
            "can't write `missing/a.json`: No such file or directory");
  EXPECT_NE(message_of([&] { write_file_atomically(folder.path, "x"); }), "no error");
}

}  // namespace
}  // namespace windtunnel
