// The keys of any assumption: its value, its 80 % range, and the reason for both.
#pragma once

#include <string>

#include "simulator/base/fields.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

template <typename T>
Fields<Assumption<T>> assumption_fields(const std::string& name, const Range& range) {
  return Fields<Assumption<T>>(name)
      .required("value", &Assumption<T>::value, range, "what the projection uses")
      .required("low", &Assumption<T>::low, range, "lower end of the 80 % range")
      .required("high", &Assumption<T>::high, range, "upper end of the 80 % range")
      .required("why", &Assumption<T>::why, "the reason for value and range");
}

}  // namespace windtunnel
