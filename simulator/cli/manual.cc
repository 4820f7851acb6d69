#include "simulator/cli/manual.h"

#include <fmt/format.h>

namespace windtunnel {
namespace {

/// Text that roff takes as it is: backslashes and hyphens escaped, no line a request.
std::string roff(const std::string& text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    begins = c == '\n';
  }
  return out;
}

std::string option_entry(const OptionShape& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back("\\fB" + roff(name) + "\\fR");
  std::string out = fmt::format(".TP\n{}", fmt::join(names, ", "));
  if (!option.positional && !option.value.empty()) {
    const std::string value =
        option.choices.empty() ? option.value : fmt::format("{}", fmt::join(option.choices, "|"));
    out += fmt::format(" \\fI{}\\fR", roff(value));
  }
  if (option.positional && option.repeated) out += " ...";
  return out + "\n" + roff(option.doc) + "\n";
}

/// The examples keep their lines.
std::string examples(const std::string& footer) {
  if (footer.empty()) return "";
  return ".PP\n.nf\n" + roff(footer) + (footer.back() == '\n' ? "" : "\n") + ".fi\n";
}

std::string command_entry(const CommandShape& command) {
  std::string usage = fmt::format("\\fBwindtunnel {}\\fR", roff(command.name));
  std::string options;
  for (const OptionShape& option : command.options) {
    if (option.names.back() == "--help") continue;
    options += option_entry(option);
    if (option.positional) usage += fmt::format(" \\fI{}\\fR", roff(option.names[0]));
  }
  return fmt::format(".SS {}\n{} [options]\n.PP\n{}.\n{}{}", roff(command.name), usage,
                     roff(command.doc), options, examples(command.footer));
}

constexpr const char* kTail = R"(.SH EXIT STATUS
.TP
0
fine
.TP
1
a gate failed: a figure out of its tolerance, a regression
.TP
2
usage, or a bad file
.TP
3
something needed is missing: a package, a GPU
.TP
4
undecided, where that was asked for
.TP
70
internal: a mistake of the program
.TP
130
interrupted
.SH ENVIRONMENT
.TP
\fBWINDTUNNEL_ROOT\fR
the folder of scenarios, topologies and measurements; by default those installed with the program
.TP
\fBNO_COLOR\fR
takes the colours
.SH FILES
.TP
\fIshare/windtunnel/scenarios\fR
runs and deployments; a scenario that is not in the current folder is looked for there
.TP
\fIshare/windtunnel/schemas\fR
JSON Schema of every kind of file, for editors
)";

}  // namespace

std::string manual(const std::vector<CommandShape>& tree, const std::string& version) {
  const CommandShape& program = tree.front();
  std::string out = fmt::format(
      ".TH WINDTUNNEL 1 \"\" \"windtunnel {}\" \"User Commands\"\n.SH NAME\n"
      "windtunnel \\- project how clusters train and serve models from measured kernels\n"
      ".SH SYNOPSIS\n\\fBwindtunnel\\fR [options] \\fIcommand\\fR [arguments]\n"
      ".SH DESCRIPTION\n{}\n.SH OPTIONS\n",
      roff(version), roff(program.doc));
  for (const OptionShape& option : program.options) out += option_entry(option);
  out += ".SH COMMANDS\n";
  for (std::size_t i = 1; i < tree.size(); ++i) out += command_entry(tree[i]);
  return out + kTail + ".SH EXAMPLES\n" + examples(program.footer);
}

}  // namespace windtunnel
