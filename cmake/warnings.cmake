# SPDX-License-Identifier: Apache-2.0
# One interface target carries the warnings and sanitizers of every target of ours.
add_library(lab_warnings INTERFACE)
target_compile_options(lab_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
    -Woverloaded-virtual -Wimplicit-fallthrough)
if(LAB_WARNINGS_AS_ERRORS)
    target_compile_options(lab_warnings INTERFACE -Werror)
endif()
if(LAB_SANITIZE)
    target_compile_options(lab_warnings INTERFACE
        -fsanitize=${LAB_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(lab_warnings INTERFACE -fsanitize=${LAB_SANITIZE})
endif()
