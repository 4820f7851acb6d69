#include "bench/collectives/thread_control.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace windtunnel::bench {
namespace {

/// What the ranks have in common: a place for each, and a barrier that can break.
struct Meeting {
  std::mutex mutex;
  std::condition_variable moved;
  int ranks = 0;
  int waiting = 0;
  int round = 0;
  bool broken = false;
  std::vector<double> numbers;
  std::vector<std::string> texts;
  std::vector<unsigned char> bytes;
};

void meet(Meeting& meeting) {
  std::unique_lock lock(meeting.mutex);
  const int round = meeting.round;
  if (++meeting.waiting == meeting.ranks) {
    meeting.waiting = 0;
    ++meeting.round;
    meeting.moved.notify_all();
  }
  meeting.moved.wait(lock, [&] { return meeting.round != round || meeting.broken; });
  if (meeting.round == round) throw std::runtime_error("another rank gave up");
}

/// Everybody's places are written, all meet, all read, all meet again.
Control control_of(const std::shared_ptr<Meeting>& meeting, int rank) {
  const auto place = static_cast<std::size_t>(rank);
  return {.rank = rank,
          .ranks = meeting->ranks,
          .barrier = [=] { meet(*meeting); },
          .largest =
              [=](double number) {
                meeting->numbers[place] = number;
                meet(*meeting);
                const auto& all = meeting->numbers;
                const double most = *std::max_element(all.begin(), all.end());
                meet(*meeting);
                return most;
              },
          .first_text =
              [=](const std::string& text) {
                meeting->texts[place] = text;
                meet(*meeting);
                const auto& all = meeting->texts;
                const auto found = std::find_if(all.begin(), all.end(),
                                                [](const std::string& it) { return !it.empty(); });
                const std::string first = found == all.end() ? "" : *found;
                meet(*meeting);
                return first;
              },
          .broadcast =
              [=](void* data, std::size_t size) {
                if (rank == 0) {
                  const auto* from = static_cast<const unsigned char*>(data);
                  meeting->bytes.assign(from, from + size);
                }
                meet(*meeting);
                if (size > 0) std::memcpy(data, meeting->bytes.data(), size);
                meet(*meeting);
              }};
}

}  // namespace

ThreadControls thread_controls(int ranks) {
  const auto meeting = std::make_shared<Meeting>();
  meeting->ranks = ranks;
  meeting->numbers.resize(static_cast<std::size_t>(ranks));
  meeting->texts.resize(static_cast<std::size_t>(ranks));
  ThreadControls all{.controls = {}, .give_up = [=] {
                       const std::lock_guard lock(meeting->mutex);
                       meeting->broken = true;
                       meeting->moved.notify_all();
                     }};
  for (int rank = 0; rank < ranks; ++rank) all.controls.push_back(control_of(meeting, rank));
  return all;
}

void run_threads(int ranks, const std::function<void(const Control&)>& body) {
  const ThreadControls all = thread_controls(ranks);
  std::mutex mutex;
  std::exception_ptr first;
  std::vector<std::thread> threads;
  for (const Control& control : all.controls) {
    threads.emplace_back([&] {
      try {
        body(control);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!first) first = std::current_exception();
        all.give_up();
      }
    });
  }
  for (std::thread& it : threads) it.join();
  if (first) std::rethrow_exception(first);
}

}  // namespace windtunnel::bench
