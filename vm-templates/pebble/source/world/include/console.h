/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONSOLE_H
#define CONSOLE_H

/* Makes /dev/console the input and output: raw, without echo. */
int console_open(void);

#endif
