#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Puts what was built into the test system's root, and what boots it beside it.
#   LAB_SRC      source tree, may be read-only
#   LAB_OBJ      directory of the objects
#   LAB_DESTDIR  where the test system's root file system is mounted
#   LAB_BOOTDIR  empty directory: receives vmlinuz and initrd.img
#   LAB_JOBS     how many commands may run at a time
#   LAB_KERNEL_RELEASE  release of the kernel that is handed out
set -eu

exec make -C "$LAB_SRC" -j"$LAB_JOBS" install boot \
	O="$LAB_OBJ" KVER="$LAB_KERNEL_RELEASE" \
	DESTDIR="$LAB_DESTDIR" BOOTDIR="$LAB_BOOTDIR"
