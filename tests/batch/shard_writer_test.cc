#include "simulator/batch/shard_writer.h"

#include <gtest/gtest.h>

#include "simulator/base/text_file.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/batch/small_batch.h"

namespace windtunnel {
namespace {

TEST(ShardWriter, AppendsBehindWhatIsThereOrWhereItWasCut) {
  const TemporaryFolder folder;
  const auto file = folder.write("shard", "whole\ntorn");
  {
    ShardWriter writer(file);
    writer.cut(6);
    writer.append("next\n");
    writer.sync();
  }
  EXPECT_EQ(read_text_file(file), "whole\nnext\n");
  ShardWriter(file).append("last\n");
  EXPECT_EQ(read_text_file(file), "whole\nnext\nlast\n");
}

TEST(ShardWriter, TwoDoNotWriteToOneFile) {
  const TemporaryFolder folder;
  const auto file = folder.path / "shard";
  const ShardWriter first(file);
  EXPECT_EQ(message_of([&] { ShardWriter second(file); }),
            "`" + file.string() + "` is being written by another process");
}

TEST(ShardWriter, SaysWhyItCannotWrite) {
  EXPECT_EQ(message_of([] { ShardWriter writer("/dev/null/shard"); }),
            "can't write `/dev/null/shard`: Not a directory");
  EXPECT_EQ(message_of([] { ShardWriter writer("/dev/full"); }),
            "can't write `/dev/full`: not a regular file");
}

TEST(ShardWriter, AFileOfSomethingElseIsNotTouched) {
  const TemporaryFolder folder;
  const ShardHead head{.batch = small_batch().head, .share = {0, 1}};
  for (const std::string& begun : {std::string(), head_line(head).substr(0, 9)}) {
    const auto file = folder.write("shard", begun);
    ShardWriter writer(file);
    begin_shard(writer, file, head, 0);
    EXPECT_EQ(read_text_file(file), head_line(head));
  }
  const auto foreign = folder.write("foreign", "a letter");
  ShardWriter writer(foreign);
  EXPECT_EQ(message_of([&] { begin_shard(writer, foreign, head, 0); }),
            foreign.string() + ": no rows of a batch; not touched");
  EXPECT_EQ(read_text_file(foreign), "a letter");
}

}  // namespace
}  // namespace windtunnel
