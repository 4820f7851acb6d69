#include "simulator/batch/execution.h"

#include <gtest/gtest.h>

#include <atomic>
#include <sstream>

#include "simulator/base/text_file.h"
#include "simulator/batch/row_table.h"
#include "simulator/batch/shard_file.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/batch/small_batch.h"

namespace windtunnel {
namespace {

class Executed : public testing::Test {
 protected:
  const TemporaryFolder folder;
  Batch batch = small_batch(1000);

  std::filesystem::path file(const std::string& name) const { return folder.path / name; }

  ExecutionOptions options(const std::string& name, int threads = 1,
                           BatchPart share = {0, 1}) const {
    return {.file = file(name),
            .others = {},
            .share = share,
            .threads = threads,
            .workers = threads,
            .tickets = own_tickets()};
  }

  static std::string table(const std::vector<std::filesystem::path>& files) {
    std::ostringstream out;
    write_rows_csv(out, merge_shards(files));
    return out.str();
  }
};

TEST_F(Executed, ThreadsAndSharesGiveTheSameRows) {
  const Execution one = execute(batch, options("one"));
  EXPECT_EQ(one.found, 0);
  EXPECT_EQ(one.added, 1000);
  EXPECT_FALSE(one.stopped);
  execute(batch, options("four", 4));
  EXPECT_EQ(execute(batch, options("a", 2, {0, 3})).added, 334);
  EXPECT_EQ(execute(batch, options("b", 1, {1, 3})).added, 333);
  EXPECT_EQ(execute(batch, options("c", 1, {2, 3})).added, 333);
  const std::string rows = table({file("one")});
  EXPECT_EQ(rows.substr(0, rows.find("\n2,")),
            "id,a.key,square,half,error\n0,0,0,0,\n1,odd,1,0.5,");
  EXPECT_EQ(table({file("four")}), rows);
  EXPECT_EQ(table({file("c"), file("a"), file("b")}), rows);
}

TEST_F(Executed, TicketsDealTheRowsToSeveral) {
  const Tickets shared = own_tickets();
  ExecutionOptions first = options("first");
  ExecutionOptions second = options("second");
  first.workers = second.workers = 2;
  first.tickets = second.tickets = shared;
  int rows = 0;
  first.stopped = [&] { return ++rows > 100; };
  EXPECT_EQ(execute(batch, first).added, 100);
  // The rest of the chunk that the first one left is nobody's in this start.
  const Execution rest = execute(batch, second);
  EXPECT_LT(rest.added, 900);
  EXPECT_GT(rest.added, 880);
  second.others = {file("first")};
  second.tickets = own_tickets();
  const Execution last = execute(batch, second);
  EXPECT_EQ(last.found + last.added, 1000);
  execute(batch, options("one"));
  EXPECT_EQ(table({file("first"), file("second")}), table({file("one")}));
}

TEST_F(Executed, WhatIsThereIsNotComputedAgain) {
  std::atomic<int> calls = 0;
  const auto evaluate = batch.evaluate;
  batch.evaluate = [&](std::int64_t id) {
    ++calls;
    return evaluate(id);
  };
  ExecutionOptions stopping = options("rows", 2);
  stopping.stopped = [&] { return calls >= 500; };
  const Execution begun = execute(batch, stopping);
  EXPECT_TRUE(begun.stopped);
  EXPECT_EQ(begun.added, calls);
  // A killed process leaves half a line.
  const std::string whole = read_text_file(file("rows"));
  std::ofstream(file("rows"), std::ios::app) << "999,odd,99";
  const Execution rest = execute(batch, options("rows"));
  EXPECT_EQ(rest.found, begun.added);
  EXPECT_EQ(rest.added, 1000 - begun.added);
  EXPECT_EQ(calls, 1000);
  EXPECT_EQ(read_text_file(file("rows")).substr(0, whole.size()), whole);
  EXPECT_EQ(execute(batch, options("rows")).added, 0);
  execute(small_batch(1000), options("one"));
  EXPECT_EQ(table({file("rows")}), table({file("one")}));
}

TEST_F(Executed, RowsOfAnotherBatchAreRefused) {
  execute(batch, options("rows"));
  EXPECT_NE(message_of([&] {
              execute(small_batch(1000, "other"), options("rows"));
            }).find("these are rows of another batch, `small, \"quoted\"` of 1000 points"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              execute(batch, options("rows", 1, {1, 2}));
            }).find("this is shard 0/1"),
            std::string::npos);
}

TEST_F(Executed, AFailureEndsAllThreadsAndKeepsRows) {
  batch.evaluate = [](std::int64_t id) -> Cells {
    if (id == 700) throw std::runtime_error("a mistake of ours");
    return {"", "", "", ""};
  };
  EXPECT_THROW(execute(batch, options("rows", 3)), std::runtime_error);
  batch.evaluate = [](std::int64_t) -> Cells { return {"", "", "", ""}; };
  const Execution rest = execute(batch, options("rows"));
  EXPECT_GT(rest.found, 600);
  EXPECT_EQ(rest.found + rest.added, 1000);
}

TEST_F(Executed, AShareMayBeEmpty) {
  EXPECT_EQ(execute(small_batch(2), options("rows", 1, {2, 3})).added, 0);
}

TEST_F(Executed, ProgressComesToTheEnd) {
  ExecutionOptions watched = options("rows", 2);
  double last = 0;
  watched.progress = [&](double share) {
    EXPECT_GE(share, last);
    last = share;
  };
  execute(batch, watched);
  EXPECT_EQ(last, 1);
}

}  // namespace
}  // namespace windtunnel
