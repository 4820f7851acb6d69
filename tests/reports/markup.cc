#include "tests/reports/markup.h"

#include <cctype>
#include <cstddef>
#include <set>
#include <vector>

namespace windtunnel {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}

  std::string problem() {
    if (text_.starts_with("<!DOCTYPE html>")) at_ = 15;
    while (problem_.empty() && at_ < text_.size()) {
      if (text_[at_] == '<') {
        tag();
      } else {
        character();
      }
    }
    if (problem_.empty() && !open_.empty()) problem_ = "never closed: " + open_.back();
    if (problem_.empty() && roots_ != 1) problem_ = "not one root";
    return problem_;
  }

 private:
  void fail(const std::string& what) {
    if (problem_.empty()) problem_ = what + " before: " + text_.substr(at_, 60);
  }

  void character() {
    const auto byte = static_cast<unsigned char>(text_[at_]);
    if (byte < 0x20 && byte != '\n' && byte != '\t') fail("control character");
    if (open_.empty() && std::isspace(byte) == 0) fail("text outside the root");
    if (text_[at_] == '&') entity();
    ++at_;
  }

  void entity() {
    const std::size_t end = text_.find(';', at_);
    const std::string name = text_.substr(at_, end == std::string::npos ? 8 : end - at_ + 1);
    const std::set<std::string> known = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    if (known.count(name) == 0) fail("unknown entity");
  }

  std::string name() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  text_[at_] == '-' || text_[at_] == ':')) {
      ++at_;
    }
    if (at_ == start) fail("no name");
    return text_.substr(start, at_ - start);
  }

  void tag() {
    ++at_;
    const bool closing = at_ < text_.size() && text_[at_] == '/';
    if (closing) ++at_;
    const std::string element = name();
    if (closing) {
      if (open_.empty() || open_.back() != element) return fail("closes " + element);
      open_.pop_back();
    } else if (!attributes()) {
      if (open_.empty()) ++roots_;
      open_.push_back(element);
    } else if (open_.empty()) {
      ++roots_;
    }
    if (at_ >= text_.size() || text_[at_] != '>') return fail("unfinished tag " + element);
    ++at_;
  }

  // Reads up to the tag's '>'; true where the element closes itself.
  bool attributes() {
    std::set<std::string> seen;
    while (problem_.empty() && at_ < text_.size() && text_[at_] == ' ') {
      ++at_;
      const std::string key = name();
      if (!seen.insert(key).second) fail("attribute twice: " + key);
      if (text_.compare(at_, 2, "=\"") != 0) {
        fail("attribute without a quoted value: " + key);
        return false;
      }
      for (at_ += 2; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '<') fail("'<' in an attribute");
        if (text_[at_] == '&') entity();
      }
      ++at_;
    }
    const bool closes_itself = at_ < text_.size() && text_[at_] == '/';
    if (closes_itself) ++at_;
    return closes_itself;
  }

  const std::string& text_;
  std::size_t at_ = 0;
  int roots_ = 0;
  std::vector<std::string> open_;
  std::string problem_;
};

}  // namespace

std::string markup_problem(const std::string& text) { return Reader(text).problem(); }

int occurrences(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace windtunnel
