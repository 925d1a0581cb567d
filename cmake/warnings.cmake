# SPDX-License-Identifier: Apache-2.0
# One interface target carries the warnings and sanitizers of every target of ours.
add_library(lab_warnings INTERFACE)
target_compile_options(lab_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow=local -Wconversion -Wnon-virtual-dtor -Wold-style-cast
    -Woverloaded-virtual -Wimplicit-fallthrough)
# The files of a folder are compiled together (see CMakePresets.json). To the compiler they are headers then,
# and it warns of classes there that use an unnamed namespace.
if(CMAKE_UNITY_BUILD)
    target_compile_options(lab_warnings INTERFACE -Wno-subobject-linkage)
endif()
if(LAB_WARNINGS_AS_ERRORS)
    target_compile_options(lab_warnings INTERFACE -Werror)
endif()
if(LAB_SANITIZE)
    target_compile_options(lab_warnings INTERFACE
        -fsanitize=${LAB_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(lab_warnings INTERFACE -fsanitize=${LAB_SANITIZE})
endif()
