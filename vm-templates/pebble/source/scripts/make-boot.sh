#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make-boot.sh OBJ BOOTDIR KVER
#
# Writes BOOTDIR/vmlinuz, which is the kernel as it is, and BOOTDIR/initrd.img:
# the first init and the drivers that it needs to find the root file system.
# The image is not compressed, as that costs more time than it saves.
set -eu

obj=$1
bootdir=$2
kver=$3

# Not below OBJ: that may be read-only.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/root
mkdir -p "$tree/modules" "$tree/dev" "$tree/proc" "$tree/root" "$bootdir"
install -m 755 "$obj/world/bin/boot" "$tree/init"

# Prints the driver's files, its dependencies first; nothing if it is built in.
driver_files() {
	/sbin/modprobe --show-depends --set-version "$kver" "$1" |
		sed -n 's/^insmod \([^ ]*\).*/\1/p'
}

# Modules may be compressed; the first init does not unpack them.
unpack() {
	case "$1" in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -dcq "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac
}

: >"$tree/modules/order"
for driver in virtio_pci virtio_blk ext4; do
	driver_files "$driver" >"$work/files"
	while read -r file; do
		name=${file##*/}
		name=${name%.ko*}.ko
		[ -e "$tree/modules/$name" ] && continue
		unpack "$file" >"$tree/modules/$name"
		echo "/modules/$name" >>"$tree/modules/order"
	done <"$work/files"
done

find "$tree" -exec touch -h -d @0 {} +
(cd "$tree" && find . | sort |
	cpio --quiet --create --format=newc --reproducible --owner=+0:+0) \
	>"$bootdir/initrd.img"
cp "/boot/vmlinuz-$kver" "$bootdir/vmlinuz"
