#include "simulator/cli/interrupt.h"

#include <atomic>
#include <csignal>

#include "simulator/base/replacement.h"

namespace windtunnel {
namespace {

// A signal handler reaches nothing but a global.
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int) { interrupted = true; }

/// The signal, blocked while its handler runs, ends the program behind it.
void clear_up(int signal) {
  remove_unfinished();
  std::raise(signal);
}

}  // namespace

void leave_nothing_when_ended() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_DFL) continue;
    action.sa_handler = clear_up;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(signal, &action, nullptr);
  }
}

std::function<bool()> watch_for_interrupt() {
  struct sigaction action = {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return [] { return interrupted.load(); };
}

}  // namespace windtunnel
