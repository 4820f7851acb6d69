# Installs into a folder of its own, builds examples/project against it, and runs the example and the
# installed program from elsewhere. Called with -D BUILD, SOURCE, COMPILER.
cmake_minimum_required(VERSION 3.25)

set(work ${BUILD}/install_test)
set(prefix ${work}/prefix)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work}/elsewhere)
unset(ENV{WINDTUNNEL_ROOT})
unset(ENV{DESTDIR})

# run(VARIABLE COMMAND...): from a folder that has nothing to do with the tree.
function(run variable)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${work}/elsewhere OUTPUT_VARIABLE output
    ERROR_VARIABLE errors RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nexit ${code}\n${output}\n${errors}")
  endif()
  set(${variable} "${output}" PARENT_SCOPE)
endfunction()

function(expect text what)
  string(FIND "${text}" "${what}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "no `${what}` in:\n${text}")
  endif()
endfunction()

run(installed ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})

# Moved: a package and its program find their data beside themselves.
file(RENAME ${prefix} ${work}/moved)
set(program ${work}/moved/bin/windtunnel)
run(doctor ${program} doctor)
expect("${doctor}" "${work}/moved/share/windtunnel: ")
run(summary ${program} simulate scenarios/deepseek-v3/overlapped_pair.toml)
expect("${summary}" "DeepSeek-V3 overlapped pair of four MoE layers")
foreach(file share/man/man1/windtunnel.1 share/bash-completion/completions/windtunnel
    share/windtunnel/schemas/scenario.json share/doc/windtunnel/LICENSE)
  if(NOT EXISTS ${work}/moved/${file})
    message(FATAL_ERROR "${file} was not installed")
  endif()
endforeach()

run(configured ${CMAKE_COMMAND} -S ${SOURCE}/examples/project -B ${work}/build -G Ninja
  -DCMAKE_PREFIX_PATH=${work}/moved -DCMAKE_CXX_COMPILER=${COMPILER})
run(built ${CMAKE_COMMAND} --build ${work}/build)
run(example ${work}/build/cheapest)
expect("${example}" "dualpipe ")
expect("${example}" "GPU hours")
file(REMOVE_RECURSE ${work})
