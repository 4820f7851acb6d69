#include "simulator/engine/event_queue.h"

#include <algorithm>
#include <cassert>

namespace windtunnel {
namespace {

constexpr std::size_t kChildren = 4;

}  // namespace

EventQueue::EventQueue(std::int32_t lanes) : place_(static_cast<std::size_t>(lanes), kNone) {
  heap_.reserve(static_cast<std::size_t>(lanes));
}

void EventQueue::set(const Event& event) {
  const std::int32_t place = place_[static_cast<std::size_t>(event.lane)];
  if (place == kNone) {
    heap_.push_back(event);
    rise(heap_.size() - 1, event);
  } else if (event < heap_[static_cast<std::size_t>(place)]) {
    rise(static_cast<std::size_t>(place), event);
  } else {
    sink(static_cast<std::size_t>(place), event);
  }
}

Event EventQueue::pop() {
  assert(!heap_.empty());
  const Event next = heap_.front();
  place_[static_cast<std::size_t>(next.lane)] = kNone;
  const Event last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sink(0, last);
  return next;
}

void EventQueue::put(std::size_t place, const Event& event) {
  heap_[place] = event;
  place_[static_cast<std::size_t>(event.lane)] = static_cast<std::int32_t>(place);
}

void EventQueue::rise(std::size_t place, const Event& event) {
  while (place > 0) {
    const std::size_t parent = (place - 1) / kChildren;
    if (!(event < heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, event);
}

void EventQueue::sink(std::size_t place, const Event& event) {
  for (;;) {
    const std::size_t begin = place * kChildren + 1;
    if (begin >= heap_.size()) break;
    const std::size_t end = std::min(begin + kChildren, heap_.size());
    std::size_t first = begin;
    for (std::size_t child = begin + 1; child < end; ++child) {
      if (heap_[child] < heap_[first]) first = child;
    }
    if (!(heap_[first] < event)) break;
    put(place, heap_[first]);
    place = first;
  }
  put(place, event);
}

}  // namespace windtunnel
