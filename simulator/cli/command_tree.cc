#include "simulator/cli/command_tree.h"

#include <algorithm>

namespace windtunnel {
namespace {

/// CLI11 tells the names of a set only as the end of the type's name: TEXT:{folded,full}.
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> choices;
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return choices;
  for (std::size_t start = open + 1; start < close;) {
    const std::size_t end = std::min(type.find(',', start), close);
    choices.push_back(type.substr(start, end - start));
    start = end + 1;
  }
  return choices;
}

OptionShape shape_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  OptionShape shape{.names = {},
                    .value = option.get_items_expected_max() == 0 ? "" : type,
                    .choices = choices_in(type),
                    .doc = option.get_description(),
                    .positional = option.get_positional(),
                    .required = option.get_required(),
                    .repeated = option.get_items_expected_max() > 1};
  for (const std::string& name : option.get_snames()) shape.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) shape.names.push_back("--" + name);
  if (shape.positional) shape.names = {option.get_name(true)};
  shape.value = shape.value.substr(0, shape.value.find(':'));
  if (shape.value == "TEXT" && !shape.positional) shape.value = "VALUE";
  return shape;
}

CommandShape shape_of(const CLI::App& app) {
  CommandShape shape{.name = app.get_name(),
                     .doc = app.get_description(),
                     .footer = app.get_footer(),
                     .options = {}};
  for (const CLI::Option* option : app.get_options()) shape.options.push_back(shape_of(*option));
  return shape;
}

}  // namespace

std::vector<CommandShape> command_tree(const CLI::App& app) {
  std::vector<CommandShape> tree = {shape_of(app)};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    tree.push_back(shape_of(*command));
  }
  return tree;
}

ValueKind value_kind(const OptionShape& option) {
  const std::string& name = option.names.back();
  if (option.positional && name.find("SCENARIO") != std::string::npos) return ValueKind::kScenario;
  if (name == "--gpu") return ValueKind::kGpu;
  if (option.value.find("KEY") == 0) return ValueKind::kKey;
  const bool file = option.value == "FILE" || option.value == "DIR" || name == "--output" ||
                    name == "--shapes" || (option.positional && option.choices.empty());
  return file ? ValueKind::kFile : ValueKind::kOther;
}

}  // namespace windtunnel
