#include "simulator/hardware/kernel_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace windtunnel {
namespace {

/// The next word of `text`, which loses it; empty at the end.
std::string_view next_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = std::min(text.find(' ', begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::int64_t* size_called(KernelShape& shape, std::string_view name) {
  if (name == "m") return &shape.m;
  if (name == "n") return &shape.n;
  if (name == "k") return &shape.k;
  return name == "groups" ? &shape.groups : nullptr;
}

}  // namespace

std::string kernel_text(const KernelShape& shape) {
  std::string text = fmt::format("{} {}", operation_name(shape.operation), dtype_name(shape.dtype));
  const auto add = [&](const char* name, std::int64_t value) {
    if (value > 0) text += fmt::format(" {}={}", name, value);
  };
  add("m", shape.m);
  add("n", shape.n);
  add("k", shape.k);
  if (shape.groups > 1) add("groups", shape.groups);
  return text;
}

namespace {

/// Whether a size was left out on which the kernel's work depends.
bool lacks_size(const KernelShape& shape) {
  const auto matters = [&](std::int64_t KernelShape::*size) {
    if (shape.*size > 0) return false;
    KernelShape one = shape;
    KernelShape two = shape;
    for (std::int64_t KernelShape::*other : {&KernelShape::n, &KernelShape::k}) {
      if (shape.*other == 0) one.*other = two.*other = 1;
    }
    two.*size = 2;
    const Work a = work(one);
    const Work b = work(two);
    return a.flops.value != b.flops.value || a.bytes.value != b.bytes.value;
  };
  return matters(&KernelShape::n) || matters(&KernelShape::k);
}

}  // namespace

std::optional<KernelShape> parse_kernel_text(std::string_view text) {
  const auto operation = find_operation(next_word(text));
  if (!operation) return std::nullopt;
  const auto dtype = find_dtype(next_word(text));
  if (!dtype) return std::nullopt;
  KernelShape shape{.operation = *operation, .dtype = *dtype, .m = 0, .n = 0, .k = 0, .groups = 1};
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    std::int64_t* size = size_called(shape, word.substr(0, equals));
    if (size == nullptr) return std::nullopt;
    const std::string_view digits = word.substr(equals + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *size);
    constexpr std::int64_t kLargest = std::int64_t{1} << 40;
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    if (!whole || *size < 1 || *size > kLargest) return std::nullopt;
  }
  if (shape.m < 1 || lacks_size(shape)) return std::nullopt;
  return shape;
}

}  // namespace windtunnel
