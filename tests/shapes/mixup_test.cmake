# Compiles SOURCE, mixup.cc: it must pass without MIXUP and fail, for the right reason, with each of
# them.

function(compile result message)
  execute_process(
    COMMAND ${COMPILER} -std=c++20 -I${ROOT} -fsyntax-only ${ARGN} ${SOURCE}
    RESULT_VARIABLE code ERROR_VARIABLE errors OUTPUT_QUIET)
  set(${result} ${code} PARENT_SCOPE)
  set(${message} "${errors}" PARENT_SCOPE)
endfunction()

compile(code errors)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "mixup.cc must compile without a mistake:\n${errors}")
endif()

file(STRINGS ${SOURCE} mistakes REGEX "MIXUP == [0-9]+")
list(LENGTH mistakes count)
if(count LESS 6)
  message(FATAL_ERROR "mixup.cc has only ${count} mistakes")
endif()
foreach(number RANGE 1 ${count})
  compile(code errors -DMIXUP=${number})
  if(code EQUAL 0)
    message(FATAL_ERROR "mistake ${number} of mixup.cc compiles")
  endif()
  # An error in the mistake's own lines, not a broken header or an unknown flag.
  set(reasons "no match|invalid operands|could not convert|conversion|no viable|no known conversion")
  if(NOT errors MATCHES "mixup.cc:[0-9]+:[0-9]+: error: (${reasons})")
    message(FATAL_ERROR "mistake ${number} of mixup.cc fails for another reason:\n${errors}")
  endif()
endforeach()
