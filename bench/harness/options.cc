#include "bench/harness/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <regex>
#include <string_view>
#include <utility>
#include <vector>

namespace windtunnel::bench {
namespace {

struct OptionRow {
  std::string_view name;
  std::string_view value;  ///< what it takes; empty for a flag
  std::string_view help;
  void (*set)(Options&, const std::string&);
};

template <typename Enum>
struct Word {
  std::string_view name;
  Enum value;
};

int distance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = std::exchange(row[0], static_cast<int>(i));
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

/// `, did you mean ...` for a word at most three letters away.
std::string suggestion(std::string_view word, std::span<const std::string_view> known) {
  const auto near = std::min_element(known.begin(), known.end(), [&](auto a, auto b) {
    return distance(word, a) < distance(word, b);
  });
  if (near == known.end() || distance(word, *near) > 3) return "";
  return fmt::format(", did you mean `{}`?", *near);
}

template <typename Enum, std::size_t kCount>
Enum one_of(std::string_view option, const std::string& text,
            const std::array<Word<Enum>, kCount>& words) {
  std::vector<std::string_view> names;
  for (const Word<Enum>& word : words) {
    if (word.name == text) return word.value;
    names.push_back(word.name);
  }
  throw UsageError(fmt::format("{} `{}`{}\n  accepted: {}", option, text, suggestion(text, names),
                               fmt::join(names, ", ")));
}

void set_device(Options& options, const std::string& text) {
  constexpr std::array kWords = {Word<On>{"gpu", On::kGpu}, Word<On>{"model", On::kModel}};
  options.device = one_of("--device", text, kWords);
}

void set_regime(Options& options, const std::string& text) {
  constexpr std::array kWords = {Word<Regime>{"burst", Regime::kBurst},
                                 Word<Regime>{"sustained", Regime::kSustained}};
  options.regime = one_of("--regime", text, kWords);
}

void set_launches(Options& options, const std::string& text) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, options.launches);
  if (error == std::errc() && stopped == end && options.launches > 0) return;
  throw UsageError(fmt::format("--launches `{}`\n  accepted: a whole number from 1", text));
}

constexpr std::array kOptions = {
    OptionRow{"--filter", "RE", "only the cases whose name this regular expression finds",
              [](Options& o, const std::string& text) { o.filter = text; }},
    OptionRow{"--launches", "N", "samples of each kernel (default: half a second of them)",
              set_launches},
    OptionRow{"--regime", "burst|sustained", "boost clocks with rests, or settled under load",
              set_regime},
    OptionRow{"--device", "gpu|model", "model: counts and correctness on the CPU, no times",
              set_device},
    OptionRow{"--list", "", "names of the cases",
              [](Options& o, const std::string&) { o.list = true; }},
    OptionRow{"--check", "", "only compare outputs with the references, on the GPU",
              [](Options& o, const std::string&) { o.check = true; }},
    OptionRow{"--tiny", "", "with --check: at the shapes of the device model",
              [](Options& o, const std::string&) { o.tiny = true; }},
    OptionRow{"--json", "FILE", "every sample, as windtunnel/bench (- is stdout)",
              [](Options& o, const std::string& text) { o.json = text; }},
    OptionRow{"--google-json", "FILE", "the medians, as Google Benchmark's JSON",
              [](Options& o, const std::string& text) { o.google_json = text; }},
    OptionRow{"--database", "FILE", "append the run to this SQLite file",
              [](Options& o, const std::string& text) { o.database = text; }},
    OptionRow{"--measurements", "DIR", "write DIR/<gpu>/windtunnel, as in bench/measurements",
              [](Options& o, const std::string& text) { o.measurements = text; }},
    OptionRow{"--help", "", "this text", [](Options& o, const std::string&) { o.help = true; }},
};

const OptionRow& find_option(std::string_view name) {
  std::vector<std::string_view> names;
  for (const OptionRow& row : kOptions) {
    if (row.name == name) return row;
    names.push_back(row.name);
  }
  throw UsageError(fmt::format("unknown option `{}`{}", name, suggestion(name, names)));
}

}  // namespace

Options parse_options(std::span<const std::string> arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const OptionRow& row = find_option(std::string_view(argument).substr(0, equals));
    const bool joined = equals < argument.size();
    if (row.value.empty()) {
      if (joined) throw UsageError(fmt::format("{} takes no value", row.name));
      row.set(options, "");
      continue;
    }
    if (!joined && i + 1 == arguments.size()) {
      throw UsageError(fmt::format("{} needs {}", row.name, row.value));
    }
    row.set(options, joined ? argument.substr(equals + 1) : arguments[++i]);
  }
  if (options.tiny && !options.check) throw UsageError("--tiny goes with --check");
  return options;
}

std::vector<Case> filtered(std::span<const Case> cases, const std::string& filter) {
  std::vector<Case> found;
  try {
    const std::regex expression(filter);
    for (const Case& it : cases) {
      if (std::regex_search(case_name(it), expression)) found.push_back(it);
    }
  } catch (const std::regex_error& error) {
    throw UsageError(fmt::format("--filter `{}`: {}", filter, error.what()));
  }
  if (found.empty()) {
    throw UsageError(fmt::format("--filter `{}` finds no case; --list names them", filter));
  }
  return found;
}

std::string usage() {
  std::string text = "windtunnel-bench: measures the kernels on this GPU\n\n";
  for (const OptionRow& row : kOptions) {
    text += fmt::format("  {:<27}{}\n", fmt::format("{} {}", row.name, row.value), row.help);
  }
  text +=
      "\nExit codes: 0 fine, 1 a kernel is wrong, 2 usage, 3 no GPU, 70 internal or a CUDA "
      "error.\n";
  return text;
}

}  // namespace windtunnel::bench
