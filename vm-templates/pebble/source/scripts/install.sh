#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# install.sh OBJ ROOT PROGRAM...
#
# Puts the system into ROOT. The directories that belong to the system are
# emptied first: ROOT then depends on this version alone.
set -eu

obj=$1
root=$2
shift 2

mkdir -p "$root"
for dir in bin sbin lib/modules etc; do
	rm -rf "${root:?}/$dir"
	mkdir -p "$root/$dir"
done
for dir in dev proc sys tmp root; do
	mkdir -p "$root/$dir"
done
chmod 1777 "$root/tmp"

for program in "$@"; do
	install -m 755 "$obj/world/bin/$program" "$root/bin/$program"
done
install -m 755 "$obj/world/bin/init" "$root/sbin/init"
install -m 644 "$obj/kernel/pebble.ko" "$root/lib/modules/pebble.ko"
printf '%s\n' pebble >"$root/etc/name"
