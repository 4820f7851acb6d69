// What a person would read: messages are an interface, so tests compare them whole.
#pragma once

#include <exception>
#include <string>

#include "simulator/base/error.h"

namespace windtunnel {

/// The text of the ConfigError or UsageError that `action` throws, or "no error".
template <typename Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace windtunnel
