#include "simulator/base/field_form.h"

#include <gtest/gtest.h>

#include <cmath>

#include "simulator/base/field_rows.h"
#include "simulator/base/toml_file.h"
#include "tests/base/message.h"

namespace windtunnel {
namespace {

/// The node that `x = TEXT` has.
Node value(const std::string& text) { return *find_node(parse_toml("x = " + text, "f"), "x"); }

/// The first line of the message without its place, then what is accepted.
template <typename Read>
std::string complaint(const std::string& text, const Read& read) {
  const Node node = value(text);
  const std::string whole = message_of([&] { read(node); });
  if (whole == "no error") return whole;
  const std::string lead = "f:1:5: error: ";
  EXPECT_EQ(whole.substr(0, lead.size()), lead);
  const std::size_t accepted = whole.find("  accepted: ");
  return whole.substr(lead.size(), whole.find('\n') - lead.size()) + " | " +
         whole.substr(accepted + 12, whole.size() - accepted - 13);
}

TEST(ReadInteger, TakesWholeNumbersInRange) {
  const FieldForm form = integer_form(between(1, 8), 1000);
  const auto read = [&](const Node& node) { return read_integer(node, form); };
  EXPECT_EQ(read(value("1")), 1);
  EXPECT_EQ(read(value("8")), 8);
  EXPECT_EQ(complaint("0", read), "0 is out of range | an integer from 1 to 8");
  EXPECT_EQ(complaint("9", read), "9 is out of range | an integer from 1 to 8");
  EXPECT_EQ(complaint("2.0", read), "expected an integer, not a number | an integer from 1 to 8");
  EXPECT_EQ(complaint("'2'", read), "expected an integer, not a text | an integer from 1 to 8");
  EXPECT_EQ(complaint("true", read),
            "expected an integer, not true or false | an integer from 1 to 8");
}

TEST(ReadInteger, IsClippedToTheMembersType) {
  const FieldForm form = integer_form(between(-1e18, 1e18), 100);
  EXPECT_EQ(accepted_text(form), "an integer from -100 to 100");
  EXPECT_NE(complaint("101", [&](const Node& node) { return read_integer(node, form); }),
            "no error");
}

TEST(ReadNumber, RejectsWhatIsNotFiniteOrOutside) {
  const FieldForm form = number_form(above(0, 1));
  const auto read = [&](const Node& node) { return read_number(node, form); };
  EXPECT_EQ(read(value("1")), 1.0);
  EXPECT_EQ(read(value("0.25")), 0.25);
  EXPECT_EQ(complaint("0.0", read), "0 is out of range | a number above 0 up to 1");
  EXPECT_EQ(complaint("1e308", read), "1e+308 is out of range | a number above 0 up to 1");
  EXPECT_EQ(complaint("nan", read), "nan is not a finite number | a number above 0 up to 1");
  EXPECT_EQ(complaint("-inf", read), "-inf is not a finite number | a number above 0 up to 1");
  EXPECT_EQ(complaint("[1]", read), "expected a number, not a list | a number above 0 up to 1");
}

TEST(ReadQuantity, WantsAUnitAndARange) {
  const FieldForm form = quantity_form(Dimension::kDollars, between(Dollars{0}, Dollars{100}));
  const auto read = [&](const Node& node) { return read_quantity(node, form); };
  const std::string accepted =
      " | an amount of money from 0 USD to 100 USD, written with its unit: \"2 USD\"; units: USD, "
      "k USD, M USD, B USD";
  EXPECT_EQ(read(value("'2 USD'")), 2.0);
  EXPECT_EQ(complaint("2", read), "an amount of money needs a unit" + accepted);
  EXPECT_EQ(complaint("2.5", read), "an amount of money needs a unit" + accepted);
  EXPECT_EQ(complaint("'banana'", read), "\"banana\" is not an amount of money" + accepted);
  EXPECT_EQ(complaint("'1 M USD'", read), "\"1 M USD\" is out of range" + accepted);
  EXPECT_EQ(complaint("{}", read), "expected an amount of money, not a table" + accepted);
}

TEST(ReadText, WantsSomethingPrintable) {
  EXPECT_EQ(read_text(value("'h800'")), "h800");
  EXPECT_EQ(read_text(value("\"two\\nlines\"")), "two\nlines");
  EXPECT_EQ(complaint("''", read_text), "this text is empty | a text in quotes, not empty");
  EXPECT_EQ(complaint("\"a\\u0000\"", read_text),
            "this text has control characters | a text in quotes, not empty");
  EXPECT_EQ(complaint("1", read_text),
            "expected a text, not an integer | a text in quotes, not empty");
}

TEST(ReadBoolean, WantsTrueOrFalse) {
  EXPECT_TRUE(read_boolean(value("true")));
  EXPECT_EQ(complaint("1", read_boolean), "expected true or false, not an integer | true or false");
}

TEST(ReadName, SuggestsTheNearest) {
  FieldForm form = names_form();
  form.names = {"dualpipe", "1f1b"};
  const auto read = [&](const Node& node) { return read_name(node, form); };
  EXPECT_EQ(read(value("'1f1b'")), 1u);
  EXPECT_EQ(complaint("'dualpip'", read),
            "unknown name `dualpip`, did you mean `dualpipe`? | one of \"dualpipe\", \"1f1b\"");
  EXPECT_EQ(complaint("3", read),
            "expected a name, not an integer | one of \"dualpipe\", \"1f1b\"");
}

TEST(ReadList, WantsAList) {
  const FieldForm item = integer_form(between(1, 8), 1000);
  EXPECT_EQ(read_list(value("[1, 2]"), item).size(), 2u);
  EXPECT_EQ(complaint("3", [&](const Node& node) { read_list(node, item); }),
            "expected a list, not an integer | a list, each item an integer from 1 to 8");
}

TEST(ReadTable, WantsATable) {
  const FieldTable table{"a link", {{"rate", text_form(), true, "", {}}}};
  EXPECT_EQ(read_table(value("{}"), table).entries.size(), 0u);
  EXPECT_EQ(complaint("3", [&](const Node& node) { read_table(node, table); }),
            "expected a table, not an integer | a table with rate");
}

}  // namespace
}  // namespace windtunnel
