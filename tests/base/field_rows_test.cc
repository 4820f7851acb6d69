#include "simulator/base/field_rows.h"

#include <gtest/gtest.h>

#include "simulator/base/toml_file.h"
#include "tests/base/message.h"

namespace windtunnel {
namespace {

using Log = std::vector<std::string>;

/// A table whose decoders write down what they were given.
FieldTable logged() {
  const auto log = [](void* object, const Node& node) {
    static_cast<Log*>(object)->push_back(kind_text(node));
  };
  FieldForm sizes = list_form(integer_form(between(1, 8), 1000));
  sizes.may_be_empty = false;
  return {"gpu",
          {{"sms", integer_form(between(1, 1024), 1000000), true, "streaming multiprocessors", log},
           {"note", text_form(), false, "anything", log},
           {"sizes", sizes, true, "cache sizes", log}}};
}

std::string decode_message(const std::string& text) {
  const Node root = parse_toml(text, "f.toml");
  Log log;
  return message_of([&] { decode_fields(logged(), *find_node(root, "gpu"), &log); });
}

TEST(DecodeFields, CallsTheDecodersOfTheKeysThatAreThere) {
  Log log;
  decode_fields(logged(), parse_toml("sizes = [1]\nsms = 4", "f.toml"), &log);
  EXPECT_EQ(log, (Log{"an integer", "a list"}));
}

TEST(DecodeFields, PointsAtAnUnknownKeyBeforeAMissingOne) {
  EXPECT_EQ(decode_message("[gpu]\nsm = 132\nsizes = [1]"),
            "f.toml:2:1: error: unknown key `sm` in gpu, did you mean `sms`?\n"
            "   2 | sm = 132\n"
            "     | ^\n"
            "  accepted: sms, note, sizes\n");
}

TEST(DecodeFields, PointsAtTheTableThatLacksAKey) {
  EXPECT_EQ(decode_message("\n[gpu]\nsizes = [1]"),
            "f.toml:2:1: error: gpu lacks the key `sms`\n"
            "   2 | [gpu]\n"
            "     | ^\n"
            "  accepted: sms = an integer from 1 to 1024 (streaming multiprocessors)\n");
}

TEST(DecodeFields, WantsAnItemInARequiredList) {
  EXPECT_EQ(decode_message("[gpu]\nsms = 1\nsizes = []"),
            "f.toml:3:9: error: this list is empty\n"
            "   3 | sizes = []\n"
            "     |         ^\n"
            "  accepted: a list, each item an integer from 1 to 8, at least one\n");
}

TEST(DecodeFields, WantsATable) {
  EXPECT_EQ(decode_message("gpu = 'h800'"),
            "f.toml:1:7: error: expected a table, not a text\n"
            "   1 | gpu = 'h800'\n"
            "     |       ^\n"
            "  accepted: a table with sms, note, sizes\n");
}

TEST(Describe, HasARowForEveryKey) {
  const FieldTable node{
      "a node",
      {{"gpus", list_form(table_form(logged())), true, "its GPUs", {}},
       {"cost", quantity_form(Dimension::kDollars, between(0, 10)), false, "an hour", {}}}};
  std::string shown;
  for (const FieldRow& row : describe(node)) {
    shown += row.key + " | " + row.type + " | " + row.unit + " | " + row.range + " | " +
             (row.required ? "required" : "optional") + " | " + row.doc + "\n";
  }
  EXPECT_EQ(shown,
            "gpus[] | a list of: a table |  |  | required | its GPUs\n"
            "gpus[].sms | an integer |  | from 1 to 1024 | required | streaming multiprocessors\n"
            "gpus[].note | a text |  |  | optional | anything\n"
            "gpus[].sizes | a list of: an integer |  | from 1 to 8 | required | cache sizes\n"
            "cost | an amount of money | USD, k USD, M USD, B USD | from 0 USD to 10 USD | "
            "optional | an hour\n");
}

}  // namespace
}  // namespace windtunnel
