#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# sync-kernel.sh COPY KEY SOURCE...
#
# Makes the directory COPY hold exactly the SOURCEs of the kernel module. Files
# that are the same keep their times, which is what Kbuild goes by. The file
# COPY/sources is made anew if a file was changed, added or removed, or if KEY
# is another one; it is removed first, so that a broken run starts over.
set -eu

copy=$1
key=$2
shift 2

# include/pebble/x.h stays where it is; kernel/x.c goes to the top.
place() {
	printf '%s\n' "$copy/${1#kernel/}"
}

changed=
[ "$(cat "$copy/key" 2>/dev/null)" = "$key" ] || changed=yes
[ -f "$copy/sources" ] || changed=yes

mkdir -p "$copy/include/pebble"
wanted=" "
for source in "$@"; do
	file=$(place "$source")
	wanted="$wanted$file "
	cmp -s "$source" "$file" && continue
	changed=yes
	rm -f "$copy/sources" "$file"
	cp "$source" "$file"
	chmod 644 "$file"
done

for file in "$copy"/*.c "$copy"/*.h "$copy"/include/pebble/*.h; do
	case "$file" in
	*'*'* | *.mod.c) continue ;;
	esac
	case "$wanted" in
	*" $file "*) continue ;;
	esac
	changed=yes
	rm -f "$copy/sources" "$file" "${file%.c}.o"
done

if [ -n "$changed" ]; then
	printf '%s\n' "$key" >"$copy/key"
	: >"$copy/sources"
fi
