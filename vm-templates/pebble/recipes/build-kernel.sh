#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds only pebble's kernel module in the Debian build guest.
#   LAB_SRC   source tree, may be read-only
#   LAB_OBJ   directory of the objects, kept from one build to the next
#   LAB_JOBS  how many commands may run at a time
#   LAB_KERNEL_RELEASE  release of the kernel to build for
set -eu

mkdir -p "$LAB_OBJ"
exec make -C "$LAB_SRC" -j"$LAB_JOBS" kernel \
	O="$LAB_OBJ" KVER="$LAB_KERNEL_RELEASE"
