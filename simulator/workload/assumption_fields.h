// The keys of any assumption (its value, its 80 % range, the reason for both) and what they have to
// be.
#pragma once

#include <algorithm>
#include <string>

#include "simulator/base/fields.h"
#include "simulator/workload/rejection.h"
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

/// The range always contains the value: a value set from outside stretches it. Throws ConfigError
/// for a range that ends below its start. `table` is the assumption's dotted key.
template <typename T>
void settle_table(const Node& root, const std::string& table, Assumption<T>& assumption) {
  if (assumption.high < assumption.low) {
    reject(root, table + ".low", "the range ends below its start", "low <= high");
  }
  assumption.low = std::min(assumption.low, assumption.value);
  assumption.high = std::max(assumption.high, assumption.value);
}

/// The same of one of the [assumptions].
template <typename T>
void settle(const Node& root, const std::string& key, Assumption<T>& assumption) {
  settle_table(root, "assumptions." + key, assumption);
}

}  // namespace windtunnel
