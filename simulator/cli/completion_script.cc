#include "simulator/cli/completion_script.h"

#include <fmt/format.h>

#include <algorithm>

namespace windtunnel {
namespace {

const std::vector<std::string>& words_of(const OptionShape& option, const KnownWords& known) {
  static const std::vector<std::string> kNone;
  if (!option.choices.empty()) return option.choices;
  switch (value_kind(option)) {
    case ValueKind::kScenario:
      return known.scenarios;
    case ValueKind::kGpu:
      return known.gpus;
    case ValueKind::kKey:
      return known.keys;
    case ValueKind::kFile:
    case ValueKind::kOther:
      break;
  }
  return kNone;
}

/// Of the command and of the program: every command takes those, too.
std::vector<OptionShape> options_of(const CommandShape& command, const CommandShape& program) {
  std::vector<OptionShape> all = command.options;
  const auto has = [&](const OptionShape& option) {
    return std::any_of(all.begin(), all.end(),
                       [&](const OptionShape& own) { return own.names == option.names; });
  };
  for (const OptionShape& option : program.options) {
    if (!has(option) && option.names.back() != "--version") all.push_back(option);
  }
  return all;
}

/// Between single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

std::string command_names(const std::vector<CommandShape>& tree, const char* between) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < tree.size(); ++i) names.push_back(tree[i].name);
  return fmt::format("{}", fmt::join(names, between));
}

// Bash: one `case` for the value of an option, one for all that a command takes.

std::string bash_values(const CommandShape& command, const std::vector<OptionShape>& options,
                        const KnownWords& known) {
  std::string out;
  for (const OptionShape& option : options) {
    if (option.positional || option.value.empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : option.names) patterns.push_back(command.name + "," + name);
    const ValueKind kind = value_kind(option);
    const bool file = option.choices.empty() && kind == ValueKind::kFile;
    out += fmt::format("    {}) words='{}' files={}{} ;;\n", fmt::join(patterns, " | "),
                       quoted(fmt::format("{}", fmt::join(words_of(option, known), " "))),
                       file ? "any" : "", kind == ValueKind::kKey ? " space=no" : "");
  }
  return out;
}

std::string bash_arguments(const CommandShape& command, const std::vector<OptionShape>& options,
                           const KnownWords& known) {
  std::vector<std::string> dashed;
  std::vector<std::string> words;
  std::string files;
  for (const OptionShape& option : options) {
    if (!option.positional) {
      dashed.insert(dashed.end(), option.names.begin(), option.names.end());
      continue;
    }
    const auto& more = words_of(option, known);
    words.insert(words.end(), more.begin(), more.end());
    const ValueKind kind = value_kind(option);
    if (kind == ValueKind::kScenario) files = "toml";
    if (kind == ValueKind::kFile) files = "any";
  }
  return fmt::format("    {},*) options='{}' words='{}' files={} ;;\n", command.name,
                     fmt::join(dashed, " "), quoted(fmt::format("{}", fmt::join(words, " "))),
                     files);
}

constexpr const char* kBashHead =
    R"(# Completion of windtunnel for bash: source <(windtunnel completion bash)
_windtunnel() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command= words= options= files= space=yes i
  # `--option=value` arrives as three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
)";

constexpr const char* kBashTail = R"(  [[ $current == -* && -n $options ]] && words=$options files=
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case $files in
    any) COMPREPLY+=($(compgen -f -- "$current")) ;;
    toml) COMPREPLY+=($(compgen -f -X '!*.toml' -- "$current") $(compgen -d -- "$current")) ;;
  esac
  [[ -z $files ]] || compopt -o filenames 2>/dev/null
  [[ $space == yes ]] || compopt -o nospace 2>/dev/null
  return 0
}
complete -F _windtunnel windtunnel
)";

// Zsh.

/// In brackets of _arguments, between single quotes.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : quoted(text)) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const OptionShape& option, const KnownWords& known) {
  const std::string words = quoted(fmt::format("{}", fmt::join(words_of(option, known), " ")));
  const ValueKind kind = value_kind(option);
  if (!option.choices.empty()) return fmt::format("({})", words);
  if (kind == ValueKind::kScenario) {
    return fmt::format("{{_files -g \"*.toml\"; compadd -- {}}}", words);
  }
  if (kind == ValueKind::kKey) return fmt::format("{{compadd -S \"\" -- {}}}", words);
  if (kind == ValueKind::kGpu) return fmt::format("({})", words);
  return kind == ValueKind::kFile ? "_files" : " ";
}

std::string zsh_option(const OptionShape& option, const KnownWords& known) {
  const std::string doc = zsh_text(option.doc);
  if (option.positional) {
    return fmt::format(" '{}:{}:{}'", option.repeated ? "*" : "", zsh_text(option.names[0]),
                       zsh_action(option, known));
  }
  std::string out;
  for (const std::string& name : option.names) {
    const bool dashes = name.starts_with("--");
    out += fmt::format(" '{}{}{}[{}]", option.repeated ? "*" : "", name,
                       option.value.empty() ? ""
                       : dashes             ? "="
                                            : "+",
                       doc);
    if (!option.value.empty()) {
      out += fmt::format(":{}:{}", zsh_text(option.value), zsh_action(option, known));
    }
    out += "'";
  }
  return out;
}

// Fish.

std::string fish_option(const CommandShape& command, const OptionShape& option,
                        const KnownWords& known) {
  std::string out =
      fmt::format("complete -c windtunnel -n '__fish_seen_subcommand_from {}'", command.name);
  const ValueKind kind = value_kind(option);
  const std::string words = quoted(fmt::format("{}", fmt::join(words_of(option, known), " ")));
  if (option.positional) {
    const char* files = kind == ValueKind::kScenario ? " (__fish_complete_suffix .toml)"
                        : kind == ValueKind::kFile   ? " (__fish_complete_path)"
                                                     : "";
    return out + fmt::format(" -a '{}{}'\n", words, files);
  }
  for (const std::string& name : option.names) {
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.value.empty()) {
    const bool file = option.choices.empty() && kind == ValueKind::kFile;
    out += file ? " -r -F" : words.empty() ? " -x" : fmt::format(" -x -a '{}'", words);
  }
  return out + fmt::format(" -d '{}'\n", quoted(option.doc));
}

}  // namespace

std::string bash_completion(const std::vector<CommandShape>& tree, const KnownWords& known) {
  std::string out = kBashHead;
  out += "  for ((i = 1; i < COMP_CWORD; ++i)); do\n    case ${COMP_WORDS[i]} in\n";
  out += fmt::format("      {}) command=${{COMP_WORDS[i]}}; break ;;\n    esac\n  done\n",
                     command_names(tree, " | "));
  out += "  case $command,$previous in\n";
  CommandShape program = tree[0];
  program.name = "";
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const CommandShape& command = i == 0 ? program : tree[i];
    out += bash_values(command, options_of(command, program), known);
  }
  for (std::size_t i = 1; i < tree.size(); ++i) {
    out += bash_arguments(tree[i], options_of(tree[i], program), known);
  }
  std::vector<std::string> dashed;
  for (const OptionShape& option : tree[0].options) {
    dashed.insert(dashed.end(), option.names.begin(), option.names.end());
  }
  out += fmt::format("    ,*) options='{}' words='{}' ;;\n  esac\n", fmt::join(dashed, " "),
                     command_names(tree, " "));
  return out + kBashTail;
}

std::string zsh_completion(const std::vector<CommandShape>& tree, const KnownWords& known) {
  std::string out =
      "#compdef windtunnel\n"
      "# Completion of windtunnel for zsh: source <(windtunnel completion zsh)\n"
      "_windtunnel() {\n  local context state state_descr line\n  typeset -A opt_args\n"
      "  local -a commands=(\n";
  for (std::size_t i = 1; i < tree.size(); ++i) {
    out += fmt::format("    '{}:{}'\n", tree[i].name, zsh_text(tree[i].doc));
  }
  out += "  )\n  _arguments -C";
  for (const OptionShape& option : tree[0].options) out += zsh_option(option, known);
  out +=
      " '1:command:->command' '*::argument:->argument'\n"
      "  case $state in\n    command) _describe command commands ;;\n    argument)\n"
      "      case $words[1] in\n";
  for (std::size_t i = 1; i < tree.size(); ++i) {
    out += fmt::format("        {}) _arguments", tree[i].name);
    for (const OptionShape& option : options_of(tree[i], tree[0])) out += zsh_option(option, known);
    out += " ;;\n";
  }
  return out +
         "      esac ;;\n  esac\n}\n"
         "if [ \"$funcstack[1]\" = _windtunnel ]; then\n  _windtunnel \"$@\"\nelse\n"
         "  compdef _windtunnel windtunnel\nfi\n";
}

std::string fish_completion(const std::vector<CommandShape>& tree, const KnownWords& known) {
  std::string out =
      "# Completion of windtunnel for fish: windtunnel completion fish | source\n"
      "complete -c windtunnel -f\n";
  for (std::size_t i = 1; i < tree.size(); ++i) {
    out += fmt::format("complete -c windtunnel -n __fish_use_subcommand -a {} -d '{}'\n",
                       tree[i].name, quoted(tree[i].doc));
    for (const OptionShape& option : options_of(tree[i], tree[0])) {
      out += fish_option(tree[i], option, known);
    }
  }
  return out;
}

}  // namespace windtunnel
