#include "simulator/base/replacement.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "simulator/base/text_file.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

TEST(Replacement, ShowsTheOldContentUntilItIsFinished) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a", "old");
  Replacement replacement(path);
  put(replacement.file(), "new");
  EXPECT_EQ(read_text_file(path), "old");
  replacement.finish();
  EXPECT_EQ(read_text_file(path), "new");
  EXPECT_FALSE(fs::exists(replacement.file()));
}

TEST(Replacement, LeavesNothingWhenItIsNotFinished) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a", "old");
  fs::path file;
  {
    const Replacement replacement(path);
    file = replacement.file();
    put(file, "half");
    EXPECT_TRUE(fs::exists(file));
  }
  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(read_text_file(path), "old");
}

TEST(Replacement, IsRemovedByTheHandlerOfASignal) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a", "old");
  Replacement done(folder.path / "done");
  put(done.file(), "new");
  done.finish();
  const Replacement first(path);
  const Replacement second(folder.path / "b");
  put(first.file(), "half");
  put(second.file(), "half");
  remove_unfinished();
  EXPECT_FALSE(fs::exists(first.file()));
  EXPECT_FALSE(fs::exists(second.file()));
  EXPECT_EQ(read_text_file(path), "old");
  EXPECT_EQ(read_text_file(folder.path / "done"), "new");
}

// Files that came to an end give their place to others.
TEST(Replacement, AHandlerKnowsNoMoreThanWhatIsBeingWritten) {
  const TemporaryFolder folder;
  for (int i = 0; i < 100; ++i) const Replacement brief(folder.path / "a");
  const Replacement last(folder.path / "b");
  put(last.file(), "half");
  remove_unfinished();
  EXPECT_FALSE(fs::exists(last.file()));
}

TEST(Replacement, ReplacesWhatALinkLeadsTo) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a", "old");
  const fs::path link = folder.path / "link";
  fs::create_symlink(path, link);
  Replacement replacement(link);
  put(replacement.file(), "new");
  replacement.finish();
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read_text_file(path), "new");
}

TEST(Replacement, MakesWhatALinkWasMeantToLeadTo) {
  const TemporaryFolder folder;
  const fs::path link = folder.path / "link";
  fs::create_symlink("later", link);
  Replacement replacement(link);
  put(replacement.file(), "new");
  replacement.finish();
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read_text_file(folder.path / "later"), "new");
}

TEST(Replacement, RefusesALinkThatLeadsToItself) {
  const TemporaryFolder folder;
  fs::create_symlink("link", folder.path / "link");
  EXPECT_EQ(folder.without_folder(message_of([&] { Replacement(folder.path / "link"); })),
            "can't write `link`: Too many levels of symbolic links");
}

TEST(Replacement, WritesADeviceStraightAndKeepsIt) {
  Replacement replacement("/dev/null");
  EXPECT_TRUE(replacement.is_straight());
  EXPECT_EQ(replacement.file(), "/dev/null");
  replacement.finish();
  EXPECT_TRUE(fs::exists("/dev/null"));
}

TEST(Replacement, SaysWhichFileItCouldNotReplace) {
  const TemporaryFolder folder;
  Replacement replacement(folder.path / "a");
  EXPECT_EQ(folder.without_folder(message_of([&] { replacement.finish(); })),
            "can't write `a`: No such file or directory");
  EXPECT_EQ(message_of([] { cannot_write("x", ENOSPC); }),
            "can't write `x`: No space left on device");
}

}  // namespace
}  // namespace windtunnel
