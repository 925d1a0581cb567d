// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lab::engine {

/// Whether the kernel LAB_KEY is there with its modules: prints its release, or nothing.
inline constexpr const char* find_kernel_script = R"sh(
there=/boot/lab/$LAB_KEY
[ -f "$there/ready" ] || exit 0
release=$(cat "$there/release")
modules=$(cat "$there/modules" 2>/dev/null || true)
[ -z "$modules" ] || [ "$(cat "$modules/.lab" 2>/dev/null)" = "$LAB_KEY" ] || exit 0
touch "$there" # the ones used last stay
echo "release $release"
)sh";

/// Makes the place for what is copied; refuses at once when there is no room for it.
inline constexpr const char* make_room_script = R"sh(
umask 077
mkdir -p "$LAB_INCOMING"
free=$(df -Pk "$LAB_INCOMING" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt "$LAB_KIB" ]; then
    echo "$LAB_INCOMING: $LAB_KIB KiB wanted, $free KiB free: No space left on device"
    exit 28
fi
)sh";

/// Compares LAB_FILE.part with LAB_SHA256 and gives it its name; exit code 3 when it differs.
inline constexpr const char* take_file_script = R"sh(
if command -v sha256sum > /dev/null; then
    digest=$(sha256sum < "$LAB_FILE.part" | cut -d ' ' -f 1)
else
    digest=$(sha256 -q < "$LAB_FILE.part")
fi
[ "$digest" = "$LAB_SHA256" ] || { rm -f "$LAB_FILE.part"; exit 3; }
mv "$LAB_FILE.part" "$LAB_FILE"
)sh";

/// Around the script of one system that makes a kernel that was copied one that can be booted. What
/// they do together prints "release <text>", or "refused <reason>".
inline constexpr const char* begin_kernel_script = R"sh(
umask 022
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
new=/boot/lab/.$LAB_KEY.new
there=/boot/lab/$LAB_KEY
)sh";

/// The other half: needs `release`.
inline constexpr const char* publish_kernel_script = R"sh(
echo "$release" > "$new/release"
touch "$new/ready"
sync
rm -rf "$there"
mv "$new" "$there"
rm -rf "$LAB_INCOMING"
sync
echo "release $release"
)sh";

/// The middle on Linux.
inline constexpr const char* place_kernel_script = R"sh(
refuse() { echo "refused $1"; rm -rf "$new" "${stage:-}" "$LAB_INCOMING"; exit 0; }

is_mounted() {
    real=$(readlink -f "$1") # /lib is often a link
    while read -r _ where _; do
        [ "$where" != "$real" ] || return 0
    done < /proc/self/mounts
    return 1
}

# Kernels of earlier days make room; two stay beside this one.
rm -rf /boot/lab/.*.new
for old in $(ls -1dt /boot/lab/*/ 2>/dev/null | tail -n +3); do
    modules=$(cat "$old/modules" 2>/dev/null || true)
    if [ -n "$modules" ] && [ "$modules" != "/lib/modules/$(uname -r)" ] &&
        [ "$(cat "$modules/.lab" 2>/dev/null)" = "$(basename "$old")" ]; then
        rm -rf "$modules"
    fi
    rm -rf "$old"
done

mkdir -p "$new"
kernel=$LAB_INCOMING/kernel
if [ "$(uname -m)" = aarch64 ] && gzip -t "$kernel" 2>/dev/null; then
    gzip -dc "$kernel" > "$new/vmlinuz" # boot loaders there want it so
else
    cp "$kernel" "$new/vmlinuz"
fi
release=$LAB_RELEASE
if [ -f "$LAB_INCOMING/modules" ]; then
    stage=/lib/modules/.lab-$LAB_KEY
    rm -rf "$stage"
    mkdir -p "$stage"
    tar -xf "$LAB_INCOMING/modules" -C "$stage" --no-same-owner
    found=$(find "$stage" -maxdepth 6 \( -name modules.order -o -name modules.builtin \) | head -n 1)
    [ -n "$found" ] || refuse "the modules hold no lib/modules/<release> (no modules.order, no modules.builtin)"
    tree=${found%/*}
    [ -z "$release" ] || [ "$release" = "${tree##*/}" ] ||
        refuse "the kernel is $release, the modules are of ${tree##*/}"
    release=${tree##*/}
    home=/lib/modules/$release
    echo "$LAB_KEY" > "$tree/.lab"
    place=$home
    if is_mounted "$home" || { [ -e "$home" ] && [ ! -f "$home/.lab" ]; }; then
        # Modules of the machine's own: they stay, ours are mounted over them in our boots only,
        # and this may be one.
        command -v mkinitramfs > /dev/null || command -v dracut > /dev/null ||
            refuse "the machine has a kernel of its own that is called $release (give yours another name: CONFIG_LOCALVERSION)"
        place=/lib/modules/.lab-$LAB_KEY.tree
    fi
    rm -rf "$place"
    mv "$tree" "$place"
    rm -rf "$stage"
    echo "$place" > "$new/modules"
fi

# Runs a command that sees the new modules where they will be.
with_modules() {
    if [ "${place:-$home}" = "$home" ]; then
        "$@"
    else
        unshare -m sh -c 'mount --bind "$0" "$1" && shift && exec "$@"' "$place" "$home" "$@"
    fi
}

home=/lib/modules/$release
if [ -n "$release" ] && [ -d "$home" ]; then
    hook=$LAB_INCOMING/hook
    {
        echo '#!/bin/sh'
        echo '[ "${1:-}" != prereqs ] || exit 0'
        [ "${place:-$home}" = "$home" ] ||
            echo "mount -o bind \"\${rootmnt:-\$NEWROOT}$place\" \"\${rootmnt:-\$NEWROOT}$home\""
        echo 'true'
    } > "$hook"
    chmod 755 "$hook"
    with_modules depmod "$release"
    if command -v mkinitramfs > /dev/null; then
        cp -a /etc/initramfs-tools "$LAB_INCOMING/initramfs-tools"
        mkdir -p "$LAB_INCOMING/initramfs-tools/scripts/init-bottom"
        cp "$hook" "$LAB_INCOMING/initramfs-tools/scripts/init-bottom/lab"
        if [ ! -f "/boot/config-$release" ]; then
            # mkinitramfs asks the kernel's configuration what it can unpack; every one can gzip.
            mkdir -p "$LAB_INCOMING/initramfs-tools/conf.d"
            printf 'COMPRESS=gzip\nCOMPRESSLEVEL=1\n' > "$LAB_INCOMING/initramfs-tools/conf.d/zz-lab"
            trap 'rm -f "/boot/config-$release"' EXIT
            printf 'CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_GZIP=y\n' > "/boot/config-$release"
        fi
        with_modules mkinitramfs -d "$LAB_INCOMING/initramfs-tools" -o "$new/initrd.img" "$release"
    elif command -v dracut > /dev/null; then
        with_modules dracut --quiet --force --include "$hook" \
            /lib/dracut/hooks/pre-pivot/99-lab.sh "$new/initrd.img" "$release"
    elif command -v mkinitcpio > /dev/null; then
        mkinitcpio -k "$release" -g "$new/initrd.img"
    fi
fi
)sh";

} // namespace lab::engine
