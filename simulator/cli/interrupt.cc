#include "simulator/cli/interrupt.h"

#include <atomic>
#include <csignal>

#include "simulator/base/replacement.h"

namespace windtunnel {
namespace {

// A signal handler reaches nothing but a global.
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

/// The signal, blocked while its handler runs, ends the program behind it.
void clear_up(int signal) {
  remove_unfinished();
  std::raise(signal);
}

void handle_once(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

/// Who asks twice does not want to wait for the end of what is being computed.
void note(int signal) {
  interrupted = true;
  handle_once(signal, clear_up, 0);
}

}  // namespace

void leave_nothing_when_ended() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU}) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_DFL) handle_once(signal, clear_up, 0);
  }
}

std::function<bool()> watch_for_interrupt() {
  handle_once(SIGINT, note, SA_RESTART);
  handle_once(SIGTERM, note, SA_RESTART);
  return [] { return interrupted.load(); };
}

}  // namespace windtunnel
