/* SPDX-License-Identifier: Apache-2.0 */
/* Memory, numbers, the environment and other processes. */
#ifndef STDLIB_H
#define STDLIB_H

#include <pebble/types.h>

void *malloc(size_t size);
void *zalloc(size_t size);
void *realloc(void *old, size_t size);
void free(void *memory);

/* Where the number ends is stored in end; base 0 takes it from a prefix. */
s64 parse_number(const char *text, const char **end, int base);
/* True if the whole text is a number. */
bool whole_number(const char *text, s64 *value);

typedef int compare_fn(const void *a, const void *b);
void sort_items(void *items, size_t count, size_t size, compare_fn *compare);

extern char **environ;
void env_init(char **envp);
const char *env_get(const char *name);
int env_set(const char *name, const char *value);

/* Looks for the program in $PATH. Returns only if it cannot be started. */
int exec_path(char *const argv[]);
/* Starts a program and waits for it: its exit code, or 128 + its signal. */
int run_program(char *const argv[]);
int exit_code(int status);

const char *error_text(int err);
/* The program's own name, for messages. */
extern const char *program_name;

_Noreturn void exit(int status);

#endif
