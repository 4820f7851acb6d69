#include "simulator/profile/json_source.h"

#include <algorithm>
#include <span>
#include <utility>

namespace windtunnel {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 18;

}  // namespace

JsonSource::JsonSource(ReadBytes read) : read_(std::move(read)), buffer_(kBuffer) {
  at_ = end_ = buffer_.data();
  refill();
}

void JsonSource::refill() {
  before_ += static_cast<std::size_t>(end_ - buffer_.data());
  const std::size_t got = read_(buffer_.data(), buffer_.size());
  at_ = buffer_.data();
  if (got == 0) {
    std::fill(buffer_.begin(), buffer_.end(), '\0');
    end_ = nullptr;
    return;
  }
  end_ = at_ + got;
  for (char& byte : std::span(at_, got)) {
    if (static_cast<unsigned char>(byte) < 0x20) byte = ' ';
  }
}

std::string JsonSource::around(std::size_t offset, std::size_t most) const {
  const std::size_t filled = end_ == nullptr ? 0 : static_cast<std::size_t>(end_ - buffer_.data());
  const std::size_t at = std::min(offset < before_ ? 0 : offset - before_, filled);
  const std::size_t begin = at - std::min(at, most);
  return {buffer_.data() + begin, std::min(filled, at + most / 2) - begin};
}

}  // namespace windtunnel
