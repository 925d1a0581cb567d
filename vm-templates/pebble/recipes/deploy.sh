#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Leaves what a machine by SSH boots: the kernel as it is, and its modules with
# pebble's own among them. The machine keeps its own world.
#   LAB_OBJ      directory of the objects
#   LAB_KERNEL_RELEASE  release of the kernel that is handed out
#   LAB_BOOTDIR  empty directory: receives vmlinuz and modules.tar
set -eu

kver=$LAB_KERNEL_RELEASE
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lib/modules"
cp -a "/lib/modules/$kver" "$work/lib/modules/$kver"
rm -f "$work/lib/modules/$kver/build" "$work/lib/modules/$kver/source"
install -D -m 644 "$LAB_OBJ/kernel/pebble.ko" "$work/lib/modules/$kver/extra/pebble.ko"
cp "/boot/vmlinuz-$kver" "$LAB_BOOTDIR/vmlinuz"
tar -C "$work" --sort=name --mtime=@0 --owner=0 --group=0 -cf "$LAB_BOOTDIR/modules.tar" lib/modules
