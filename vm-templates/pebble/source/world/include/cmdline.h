/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMDLINE_H
#define CMDLINE_H

#include <pebble/types.h>

/* The value of name= on the kernel's command line, or the fallback. */
const char *cmdline_value(const char *name, const char *fallback, char *buf, size_t size);

/* Loads a module file; 0 also if it is loaded already. */
int load_module(const char *path);

#endif
