#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Mounts a build and the root of the machine that it is to be installed into.
#
# LAB_BUILD_DISK  disk of the build image; only read, at /lab/build
# LAB_ROOT_DISK   disk with the test machine's root file system (ext4)
# LAB_DESTDIR     where that root is mounted
# LAB_BOOTDIR     empty directory for vmlinuz and initrd.img
#
# Both disks are empty in a container, where the build and the root are there.
set -eu

: "${LAB_BUILD_DISK?}" "${LAB_ROOT_DISK?}" "${LAB_DESTDIR:?}" "${LAB_BOOTDIR:?}"
if [ -n "$LAB_BUILD_DISK" ]; then
	mkdir -p /lab/build "$LAB_DESTDIR"
	mount -t ext4 -o ro "$LAB_BUILD_DISK" /lab/build
	mount -t ext4 -o noatime "$LAB_ROOT_DISK" "$LAB_DESTDIR"
fi
rm -rf "$LAB_BOOTDIR"
mkdir -p "$LAB_BOOTDIR"
