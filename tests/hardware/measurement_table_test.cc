#include "simulator/hardware/measurement_table.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

const TableRule& mlp_rule() { return *find_table_rule("mlp"); }

MeasurementTable parse(const std::string& rows) {
  return make_measurement_table(
      mlp_rule(),
      parse_csv("phase,dtype,hidden_size,inter_size,num_tokens,latency_us\n" + rows, "t.csv"));
}

std::string error_of(const std::string& rows) {
  try {
    parse(rows);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(MeasurementTable, RowsAreSortedByTheirCategories) {
  const MeasurementTable table =
      parse("context,fp8,7168,2048,1,5\ngeneration,fp8,7168,2048,1,6\ncontext,fp8,7168,2048,2,7\n");
  ASSERT_EQ(table.groups.size(), 2U);
  const MeasurementGroup* context = find_group(table, {"context", "fp8", "7168", "2048"});
  ASSERT_NE(context, nullptr);
  ASSERT_EQ(context->surfaces[0].rows(), 2U);
  EXPECT_DOUBLE_EQ(context->surfaces[0].seconds[0], 5e-6);
  EXPECT_DOUBLE_EQ(context->surfaces[0].seconds[1], 7e-6);
  EXPECT_EQ(find_group(table, {"context", "fp8", "7168", "4096"}), nullptr);
}

TEST(MeasurementTable, AShapeThatStandsThereTwiceIsAnError) {
  const std::string error = error_of("a,b,1,1,4,5\na,b,1,1,4,6\n");
  EXPECT_NE(error.find("t.csv:3:1"), std::string::npos) << error;
  EXPECT_NE(error.find("t.csv:2:1"), std::string::npos) << error;
}

TEST(MeasurementTable, OfADatedTableTheLastRowOfAShapeCounts) {
  TableRule rule = mlp_rule();
  rule.dated = true;
  const MeasurementTable table = make_measurement_table(
      rule, parse_csv("phase,dtype,hidden_size,inter_size,num_tokens,latency_us\n"
                      "a,b,1,1,4,5\na,b,1,1,8,7\na,b,1,1,4,6\n",
                      "t.csv"));
  const Surface& surface = table.groups[0].surfaces[0];
  ASSERT_EQ(surface.rows(), 2U);
  EXPECT_DOUBLE_EQ(surface.seconds[0], 6e-6);
  EXPECT_DOUBLE_EQ(surface.seconds[1], 7e-6);
}

TEST(MeasurementTable, TimesAndSizesArePositive) {
  for (const char* cell : {"nan", "inf", "1e400", "-3", ""}) {
    const std::string error = error_of(std::string("a,b,1,1,4,") + cell + "\n");
    EXPECT_EQ(error.find("t.csv:2:11: error:"), 0U) << cell << ": " << error;
  }
  EXPECT_NE(error_of("a,b,1,1,4,0\n").find("latency_us must be positive"), std::string::npos);
  EXPECT_NE(error_of("a,b,1,1,-4,5\n").find("num_tokens must be positive"), std::string::npos);
}

TEST(MeasurementTable, AMissingColumnIsAnError) {
  EXPECT_THROW(make_measurement_table(mlp_rule(), parse_csv("phase,dtype\na,b\n", "t.csv")),
               ConfigError);
}

TEST(MeasurementTable, WholeNumbersAreTheSameCategoryHoweverTheyAreWritten) {
  EXPECT_EQ(category_text("7168.0"), "7168");
  EXPECT_EQ(category_text("7168"), "7168");
  EXPECT_EQ(category_text("1.5"), "1.5");
  EXPECT_EQ(category_text("power_law_1.01"), "power_law_1.01");
  EXPECT_EQ(category_text(""), "");
  EXPECT_EQ(category_text("1e78"), "1e78");
  EXPECT_EQ(category_text("nan"), "nan");
  EXPECT_EQ(category_text("-0"), "0");
}

}  // namespace
}  // namespace windtunnel
