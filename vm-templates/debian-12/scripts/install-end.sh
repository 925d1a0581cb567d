#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Puts the installed root onto its disk and hands kernel and initrd out.
#
# LAB_DESTDIR    where the test machine's root is mounted
# LAB_BOOTDIR    holds vmlinuz and initrd.img for machines that boot them directly
# LAB_BOOT_DISK  disk, or in a container file, that gets them as a raw tar
# LAB_ROOT_DISK  what LAB_DESTDIR was mounted from; empty in a container
set -eu

: "${LAB_ROOT_DISK?}" "${LAB_DESTDIR:?}" "${LAB_BOOTDIR:?}" "${LAB_BOOT_DISK:?}"
cd /
if [ -n "$LAB_ROOT_DISK" ]; then
	fstrim "$LAB_DESTDIR" 2>/dev/null || :
	umount "$LAB_DESTDIR"
	umount /lab/build
fi
set --
for name in vmlinuz initrd.img; do
	if [ -e "$LAB_BOOTDIR/$name" ]; then
		set -- "$@" "$name"
	fi
done
if [ $# -gt 0 ]; then
	tar -c -f "$LAB_BOOT_DISK" -C "$LAB_BOOTDIR" --owner=0 --group=0 -- "$@"
fi
[ -z "$LAB_ROOT_DISK" ] || sync
