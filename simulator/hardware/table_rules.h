// How each table of the measurements is read: which columns must match, which are interpolated
// over, which are answers, and how smooth the answers are between measured shapes.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel {

/// A shape of a table: texts of the rule's categories and numbers of its axes, in the rule's order.
struct TableShape {
  std::span<const std::string> categories;
  std::span<const double> axes;
};

/// The parts that a time is made of, up to factors: launch, arithmetic, traffic... unused ones are
/// 0.
inline constexpr std::size_t kWorkTerms = 6;
using WorkTerms = std::array<double, kWorkTerms>;

/// The correlation between two points of an axis: Matern's of order 1/2, 3/2 or 5/2.
enum class Smoothness { kRough, kSmooth, kSmoother };

/// A numeric column. Between neighbours the logarithm of the time is correlated over `length`
/// octaves; one step of nearness is `reach` octaves.
struct AxisRule {
  std::string_view column;
  Smoothness smoothness;
  double length;
  double reach;
};

/// A column of times in microseconds and the name of the answer in seconds.
struct ValueRule {
  std::string_view column;
  std::string_view answer;
};

/// What a table's times depend on besides the chip: where siblings differ.
enum class Binding { kChip, kNvlink };

/// The source folder of the tables that most rules describe.
inline constexpr std::string_view kCollection = "aiconfigurator";

/// One table. `noise` is the part of the local variance that a repetition would not reproduce,
/// `neighbours` the number of measured shapes an answer is made of, `spiky` says that single rows
/// are often far too slow. Lengths, noise and neighbours are those with the smallest leave-one-out
/// error over the table itself; nothing else entered them. A rule without axes answers at listed
/// shapes only.
struct TableRule {
  std::string_view table;                 ///< its name on the command line
  std::string_view source = kCollection;  ///< the folder that holds it
  std::string_view file = {};             ///< without .csv; empty: as the table
  std::vector<std::string_view> categories;
  std::vector<AxisRule> axes;
  std::vector<ValueRule> values;
  std::vector<std::string_view> remarks;  ///< columns that are neither asked for nor answered
  double noise;
  int neighbours;
  bool spiky;
  Binding binding;
  WorkTerms (*terms)(const TableShape& shape);
  bool dated = false;          ///< a shape may stand there again, the last time counts
  double stated_interval = 0;  ///< part of the time, where too few rows can be left out; else 0
  std::string_view continued_by = {};  ///< the table that answers for categories that are not here
};

/// The file of `rule` without its ending.
constexpr std::string_view file_of(const TableRule& rule) {
  return rule.file.empty() ? rule.table : rule.file;
}

const std::vector<TableRule>& table_rules();

/// The rule of `table`, or null.
const TableRule* find_table_rule(std::string_view table);

/// Everything in a rule that changes an answer, as text: what a calibration was computed with.
std::string rule_text(const TableRule& rule);

}  // namespace windtunnel
