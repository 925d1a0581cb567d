#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Mounts the build file system at /lab/build and brings its sources to the commit to build.
#
# LAB_BUILD_DISK  disk of the build image; empty in a container, where /lab/build is there
# LAB_DELTA_DISK  raw tar: lab-delta/deleted (paths to remove), then changed files below src/
# LAB_NEW         1: the build image is empty and gets a file system first
# LAB_SRC         where the sources are to be: /lab/build/src
# LAB_OBJ         where the objects are to be: /lab/build/obj
set -eu

: "${LAB_BUILD_DISK?}" "${LAB_DELTA_DISK:?}" "${LAB_NEW:?}" "${LAB_SRC:?}" "${LAB_OBJ:?}"
mount_point=/lab/build
# A new disk reads as zeros, so no table has to be written. Fixed UUID and hash seed: directories
# list their files in the same order in every build. No journal: a build that is cut off is thrown
# away as a whole.
mkfs_options=lazy_itable_init=1,assume_storage_prezeroed=1,nodiscard
mkfs_options=$mkfs_options,hash_seed=6c616200-0000-4000-8000-000000000002

if [ -n "$LAB_BUILD_DISK" ] && [ "$LAB_NEW" = 1 ]; then
	mkfs.ext4 -q -F -L build -U 6c616200-0000-4000-8000-000000000003 -m 0 -O ^has_journal \
		-E "$mkfs_options" "$LAB_BUILD_DISK"
fi
if [ -n "$LAB_BUILD_DISK" ]; then
	mkdir -p "$mount_point"
	mount -t ext4 -o noatime "$LAB_BUILD_DISK" "$mount_point"
fi
mkdir -p "$LAB_SRC" "$LAB_OBJ"

work=$(mktemp -d)
tar -x -f "$LAB_DELTA_DISK" -C "$work" --occurrence=1 lab-delta/deleted
(cd "$LAB_SRC" && xargs -0 -r rm -rf -- <"$work/lab-delta/deleted")
rm -rf "$work"

# -m: what changed is new to make, whatever the age of the commit.
tar -x -m -o -f "$LAB_DELTA_DISK" -C "$mount_point" src
