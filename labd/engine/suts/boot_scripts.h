// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lab::engine {

/// Has a Linux machine boot the kernel LAB_KEY (empty: the one that runs, which is its own) with
/// LAB_CMDLINE at its next start only, and begins that start a second later. Prints "method
/// <word>", or "refused <reason>". After a hang or a panic the reset after it finds the machine's
/// own kernel.
inline constexpr const char* boot_once_script = R"sh(
umask 022
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
refuse() { echo "refused $1"; exit 0; }
later() { setsid sh -c "sleep 1; $1" < /dev/null > /dev/null 2>&1 & }
reboot_command="systemctl reboot || reboot"

if [ -n "$LAB_KEY" ]; then
    kernel=/boot/lab/$LAB_KEY/vmlinuz
    initrd=/boot/lab/$LAB_KEY/initrd.img
else
    own=$(uname -r)
    kernel=/boot/vmlinuz-$own
    for initrd in "/boot/initrd.img-$own" "/boot/initramfs-$own.img" "/boot/initrd-$own"; do
        [ ! -f "$initrd" ] || break
    done
fi
[ -f "$kernel" ] || refuse "there is no $kernel"
if [ ! -f "$initrd" ]; then
    initrd=
    # Names of file systems are for an initrd to find.
    case " $LAB_CMDLINE " in
    *" root=UUID="* | *" root=LABEL="*)
        device=$(findmnt -no SOURCE /)
        part=$(blkid -s PARTUUID -o value "$device" || true)
        root=${part:+PARTUUID=$part}
        LAB_CMDLINE=$(printf '%s' "$LAB_CMDLINE" | sed "s|root=[^ ]*|root=${root:-$device}|")
        ;;
    esac
fi

by_grub() {
    grep -q custom.cfg "$grub/grub.cfg" ||
        refuse "its GRUB menu does not read $grub/custom.cfg (41_custom of grub-mkconfig does)"
    # A choice that GRUB cannot take back is made at every start, and a kernel that hangs stays.
    kind=$(grub$v-probe --target=fs "$grub")
    behind=$(grub$v-probe --target=abstraction "$grub")
    [ -z "$behind" ] && [ "$kind" != btrfs ] && [ "$kind" != zfs ] ||
        refuse "GRUB cannot forget its choice on $kind $behind (install kexec-tools)"
    [ -f "$grub/grubenv" ] || grub$v-editenv "$grub/grubenv" create
    touch "$grub/custom.cfg"
    uuid=$(grub$v-probe --target=fs_uuid "$kernel")
    {
        sed '/^### lab begins/,/^### lab ends/d' "$grub/custom.cfg"
        echo "### lab begins: written anew for every boot"
        echo "menuentry 'lab, for one boot' --id lab-once --unrestricted {"
        echo "    search --no-floppy --fs-uuid --set=root $uuid"
        printf "    linux '%s'" "$(grub$v-mkrelpath "$kernel")"
        for word in $LAB_CMDLINE; do printf " '%s'" "$word"; done
        echo
        if [ -n "$initrd" ]; then echo "    initrd '$(grub$v-mkrelpath "$initrd")'"; fi
        echo "}"
        echo "### lab ends"
    } > "$grub/custom.cfg.lab"
    mv "$grub/custom.cfg.lab" "$grub/custom.cfg"
    grub$v-reboot lab-once
    sync
    echo "method grub-reboot"
    later "$reboot_command"
}

by_systemd_boot() {
    boot=$(bootctl --print-boot-path)
    mkdir -p "$boot/lab" "$boot/loader/entries"
    cp "$kernel" "$boot/lab/vmlinuz"
    initrd_line=
    if [ -n "$initrd" ]; then
        cp "$initrd" "$boot/lab/initrd.img"
        initrd_line="initrd /lab/initrd.img"
    fi
    printf '%s\n' "title lab, for one boot" "linux /lab/vmlinuz" "$initrd_line" \
        "options $LAB_CMDLINE" > "$boot/loader/entries/lab-once.conf"
    bootctl set-oneshot lab-once.conf
    sync
    echo "method systemd-boot"
    later "$reboot_command"
}

set -f
for grub in /boot/grub /boot/grub2; do
    [ ! -f "$grub/grub.cfg" ] || break
done
if command -v grub-reboot > /dev/null; then v=; else v=2; fi
if command -v kexec > /dev/null &&
    kexec -l "$kernel" ${initrd:+--initrd="$initrd"} --command-line="$LAB_CMDLINE"; then
    sync
    echo "method kexec"
    later "systemctl kexec || kexec -e"
elif [ -f "$grub/grub.cfg" ] && command -v grub$v-reboot > /dev/null; then
    by_grub
elif command -v bootctl > /dev/null && bootctl is-installed > /dev/null 2>&1; then
    by_systemd_boot
else
    refuse "it has neither kexec-tools nor GRUB's grub-reboot nor systemd-boot"
fi
)sh";

/// Forgets what was chosen for the next start.
inline constexpr const char* forget_choice_script = R"sh(
export PATH="$PATH:/usr/sbin:/sbin"
kexec -u > /dev/null 2>&1 || true
for v in "" 2; do
    [ ! -f /boot/grub$v/grubenv ] || grub$v-editenv /boot/grub$v/grubenv unset next_entry || true
done
if command -v nextboot > /dev/null; then nextboot -D || true; fi
)sh";

/// Starts the machine anew a second later.
inline constexpr const char* restart_script = R"sh(
export PATH="$PATH:/usr/sbin:/sbin"
sync
nohup sh -c "sleep 1; systemctl reboot || shutdown -r now || reboot" < /dev/null > /dev/null 2>&1 &
)sh";

/// Looks whether the kernel LAB_KEY runs with its own modules, and compares LAB_BUILD_ID with that
/// of the boot in which it was seen first, which is kept. Prints "other <what is there instead>"
/// when something differs.
inline constexpr const char* know_kernel_script = R"sh(
there=/boot/lab/$LAB_KEY
if [ -f "$there/modules" ]; then
    modules=$(cat "/lib/modules/$(uname -r)/.lab" 2>/dev/null || true)
    [ "$modules" = "$LAB_KEY" ] || echo "other modules in /lib/modules/$(uname -r)"
fi
if [ "$(uname -s)" = FreeBSD ]; then
    booted=$(sysctl -n kern.bootfile)
    [ "$booted" = "/boot/lab-$LAB_KEY/kernel" ] || echo "other kernel: $booted"
fi
if [ ! -f "$there/build-id" ]; then
    echo "$LAB_BUILD_ID" > "$there/build-id"
elif [ "$(cat "$there/build-id")" != "$LAB_BUILD_ID" ]; then
    echo "other build id: $LAB_BUILD_ID, before it was $(cat "$there/build-id")"
fi
)sh";

} // namespace lab::engine
