#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Puts the build file system onto its disk and lets go of it.
#
# LAB_BUILD_DISK  disk of the build image, mounted by build-begin.sh; empty in a container
set -eu

: "${LAB_BUILD_DISK?}"
[ -n "$LAB_BUILD_DISK" ] || exit 0
cd /
# Gives blocks of deleted files back to the image; not every disk can do that.
fstrim /lab/build 2>/dev/null || :
umount /lab/build
sync
