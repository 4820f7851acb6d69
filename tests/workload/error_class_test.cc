#include "simulator/workload/error_class.h"

#include <gtest/gtest.h>

#include <set>

namespace windtunnel {
namespace {

TEST(ErrorClass, EveryOneHasANameOfItsOwn) {
  std::set<std::string_view> names{class_name(ErrorClass::kNothing)};
  for (const ErrorClass one : kErrorClasses) EXPECT_TRUE(names.insert(class_name(one)).second);
}

}  // namespace
}  // namespace windtunnel
