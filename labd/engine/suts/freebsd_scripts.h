// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lab::engine {

/// Between begin_kernel_script and publish_kernel_script on FreeBSD, which boots the kernel of
/// /boot/lab-<key> with its modules beside it.
/// @see nextboot(8), kldxref(8)
inline constexpr const char* place_freebsd_kernel_script = R"sh(
home=/boot/lab-$LAB_KEY
refuse() { echo "refused $1"; rm -rf "$new" "$home" "$LAB_INCOMING"; exit 0; }

# Kernels of earlier days make room; two stay beside this one.
rm -rf /boot/lab/.*.new
running=$(sysctl -n kern.bootfile)
for old in $(ls -1dt /boot/lab/*/ 2>/dev/null | tail -n +3); do
    beside=/boot/lab-$(basename "$old")
    [ "$running" = "$beside/kernel" ] || rm -rf "$old" "$beside"
done

rm -rf "$home"
mkdir -p "$new" "$home"
if gzip -t "$LAB_INCOMING/kernel" 2>/dev/null; then
    gzip -dc < "$LAB_INCOMING/kernel" > "$home/kernel"
else
    cp "$LAB_INCOMING/kernel" "$home/kernel"
fi
if [ -f "$LAB_INCOMING/modules" ]; then
    mkdir "$LAB_INCOMING/stage"
    tar -xf "$LAB_INCOMING/modules" -C "$LAB_INCOMING/stage" --no-same-owner
    find "$LAB_INCOMING/stage" -type f -name "*.ko" -exec cp {} "$home/" \;
    [ -n "$(find "$home" -name "*.ko" | head -n 1)" ] || refuse "the modules hold no *.ko"
    kldxref "$home"
fi
release=$(strings "$home/kernel" | sed -n "s/^.*@(#)FreeBSD \([^ ]*\) .*/\1/p" | head -n 1)
)sh";

/// Has FreeBSD boot the kernel LAB_KEY (empty: its own) with the words of LAB_CMDLINE from
/// lab.boot= on at its next start only, and begins that start a second later. name=value goes to
/// the kernel's environment, -x is a flag of boot(8). Prints "method <word>", or "refused
/// <reason>".
inline constexpr const char* boot_freebsd_once_script = R"sh(
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
refuse() { echo "refused $1"; exit 0; }
set -f
set --
[ -z "$LAB_KEY" ] || set -- -k "lab-$LAB_KEY"
flags=
for word in lab.boot=${LAB_CMDLINE#*lab.boot=}; do
    case $word in
    panic=*) ;; # FreeBSD starts anew after a panic by itself
    -*) flags="$flags $word" ;;
    *=*) set -- "$@" -e "$word" ;;
    *) refuse "FreeBSD takes name=value and -flags, not '$word'" ;;
    esac
done
[ -z "$flags" ] || set -- "$@" -o "${flags# }"
nextboot "$@" > /dev/null
sync
echo "method nextboot"
nohup sh -c "sleep 1; shutdown -r now" < /dev/null > /dev/null 2>&1 &
)sh";

} // namespace lab::engine
