#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Puts the installed root onto its disk and hands kernel and initrd out.
#
# LAB_DESTDIR    where the test machine's root is mounted
# LAB_BOOTDIR    holds vmlinuz and initrd.img for machines that boot them directly
# LAB_BOOT_DISK  disk that gets them as a raw tar
set -eu

: "${LAB_DESTDIR:?}" "${LAB_BOOTDIR:?}" "${LAB_BOOT_DISK:?}"
cd /
fstrim "$LAB_DESTDIR" 2>/dev/null || :
umount "$LAB_DESTDIR"
umount /lab/build
set --
for name in vmlinuz initrd.img; do
	if [ -e "$LAB_BOOTDIR/$name" ]; then
		set -- "$@" "$name"
	fi
done
if [ $# -gt 0 ]; then
	tar -c -f "$LAB_BOOT_DISK" -C "$LAB_BOOTDIR" --owner=0 --group=0 -- "$@"
fi
sync
