# SPDX-License-Identifier: Apache-2.0
"""The disk of a machine that lab did not make: Debian with systemd, sshd and GRUB, and kernels of
other flavours for it. Made once and kept in the cache of the tests."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

from machine import Machine

SUITE = "bookworm"
OWN_FLAVOUR = "cloud-amd64"
FLAVOURS = ("amd64", "rt-amd64")
PACKAGES = ("linux-image-" + OWN_FLAVOUR, "initramfs-tools", "systemd-sysv", "udev", "kmod",
            "openssh-server", "grub-pc-bin", "grub2-common", "procps",
            # For containers; an image is made of the one static program.
            "podman", "crun", "netavark", "iptables", "busybox-static")
# What the machine needs to come up, and one more that can be asked for.
MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "ext4", "crc32c_generic", "dummy")
PARTITION_START = 1 << 20
DISK_SIZE = 2 << 30
DISK_ID = "6c616200-0000-4000-8000-0000000000aa"


def run(*argv, **options):
    return subprocess.run([str(word) for word in argv], check=True, capture_output=True,
                          text=True, timeout=options.pop("timeout", 900), **options)


def cache_directory():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    # Another content of this file makes another disk.
    made_by = run("sha256sum", __file__).stdout[:12]
    return pathlib.Path(base) / "lab-tests" / f"machine-{made_by}"


class Disk:
    """The files that machines are started from."""

    def __init__(self):
        self.directory = cache_directory()
        self.image = self.directory / "disk.qcow2"
        self.key = self.directory / "key"

    def kernel(self, flavour):
        return self.directory / flavour / "vmlinuz"

    def modules(self, flavour):
        return self.directory / flavour / "modules.tar"

    def release(self, flavour):
        return (self.directory / flavour / "release").read_text().strip()

    def ensure(self):
        """Makes what is not there yet; another process may do so at the same time."""
        if self.image.exists():
            return self
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.directory.parent) as work:
            making = Making(pathlib.Path(work))
            making.everything()
            with contextlib.suppress(OSError):
                making.made.rename(self.directory)
        return self


class Making:
    def __init__(self, work):
        self.work = work
        self.made = work / "made"
        self.tree = work / "tree"
        self.made.mkdir()

    def everything(self):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.made / "key")
        for flavour in FLAVOURS:
            self.fetch_kernel(flavour)
        self.make_tree()
        self.make_image()
        shutil.rmtree(self.tree)
        self.let_it_write_its_menu()

    def fetch_kernel(self, flavour):
        depends = run("apt-cache", "depends", f"linux-image-{flavour}").stdout
        package = next(word for word in depends.split() if word.startswith("linux-image-6"))
        release = package.removeprefix("linux-image-")
        out = self.made / flavour
        unpacked = self.work / ("unpacked-" + flavour)
        out.mkdir()
        run("apt-get", "-o", "APT::Sandbox::User=root", "download", package, cwd=self.work)
        run("dpkg-deb", "-x", next(self.work.glob(package + "_*.deb")), unpacked)
        shutil.copy(unpacked / "boot" / f"vmlinuz-{release}", out / "vmlinuz")
        (out / "release").write_text(release + "\n")
        run("depmod", "-b", unpacked, release)
        run("tar", "-C", unpacked, "-cf", out / "modules.tar",
            *self.wanted_modules(unpacked, release))
        shutil.rmtree(unpacked)

    @staticmethod
    def wanted_modules(root, release):
        below = pathlib.Path("lib/modules") / release
        needs = {}
        for line in (root / below / "modules.dep").read_text().splitlines():
            path, _, others = line.partition(":")
            needs[path] = others.split()
        wanted = [path for path in needs if pathlib.Path(path).stem in MODULES]
        found = set()
        while wanted:
            path = wanted.pop()
            if path not in found:
                found.add(path)
                wanted += needs[path]
        names = sorted(found) + ["modules.order", "modules.builtin", "modules.builtin.modinfo"]
        return [below / name for name in names]

    def make_tree(self):
        files = {
            "etc/fstab": f"UUID={DISK_ID} / ext4 defaults 0 1\n",
            "etc/hostname": "box\n",
            "etc/default/grub": 'GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX="console=ttyS0 net.ifnames=0 '
                                'mitigations=off"\nGRUB_DISABLE_OS_PROBER=true\n'
                                "GRUB_TERMINAL=console\n",
            "etc/systemd/network/10-eth0.network":
                "[Match]\nName=eth0\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n",
            "etc/initramfs-tools/initramfs.conf": "MODULES=list\nBUSYBOX=no\nCOMPRESS=gzip\n"
                                                  "COMPRESSLEVEL=1\nDEVICE=\nNFSROOT=auto\n",
            "etc/initramfs-tools/modules": "virtio_pci\nvirtio_blk\next4\ncrc32c_generic\n",
            # There is no D-Bus, by which podman would ask systemd for a group.
            "etc/containers/containers.conf": '[engine]\ncgroup_manager = "cgroupfs"\n',
            "root/.ssh/authorized_keys": (self.made / "key.pub").read_text(),
        }
        staged = self.work / "staged"
        for name, text in files.items():
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).write_text(text)
        masked = ("apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer "
                  "e2scrub_all.timer e2scrub_reap.service fstrim.timer "
                  "systemd-timesyncd.service getty@tty1.service")
        run("mmdebstrap", "--variant=minbase", "--include=" + ",".join(PACKAGES),
            "--aptopt=Acquire::Languages \"none\"", "--dpkgopt=force-unsafe-io",
            "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/locale/*",
            f"--customize-hook=cp -r {staged}/. \"$1\"",
            "--customize-hook=chroot \"$1\" update-initramfs -u",
            "--customize-hook=chroot \"$1\" systemctl enable systemd-networkd ssh",
            f"--customize-hook=chroot \"$1\" systemctl mask {masked}",
            "--customize-hook=mkdir -p \"$1/boot/grub\" && cp -r \"$1/usr/lib/grub/i386-pc\" "
            "\"$1/boot/grub/i386-pc\" && chroot \"$1\" grub-editenv /boot/grub/grubenv create",
            SUITE, self.tree, *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*.sources")),
            *[path for path in [pathlib.Path("/etc/apt/sources.list")] if path.exists()])
        kernel = next((self.tree / "boot").glob("vmlinuz-*")).name
        initrd = kernel.replace("vmlinuz", "initrd.img")
        # Good for one boot; update-grub writes the one that stays.
        (self.tree / "boot/grub/grub.cfg").write_text(
            f"linux /boot/{kernel} root=UUID={DISK_ID} ro console=ttyS0 net.ifnames=0\n"
            f"initrd /boot/{initrd}\nboot\n")

    def make_image(self):
        raw = self.work / "disk.raw"
        grub = self.tree / "usr/lib/grub/i386-pc"
        core = self.work / "core.img"
        run("truncate", "-s", DISK_SIZE, raw)
        run("sfdisk", "-q", raw, input=f"start={PARTITION_START // 512}, type=83, bootable\n")
        run("mke2fs", "-q", "-t", "ext4", "-F", "-U", DISK_ID, "-d", self.tree, "-E",
            f"offset={PARTITION_START},root_owner=0:0", raw,
            f"{(DISK_SIZE - PARTITION_START) // 1024}k")
        run("grub-mkimage", "-d", grub, "-O", "i386-pc", "-o", core, "-p",
            "(hd0,msdos1)/boot/grub", "biosdisk", "part_msdos", "ext2")
        # boot.img loads what begins in the sector behind it, and core.img knows its own length.
        with open(raw, "r+b") as disk:
            disk.write((grub / "boot.img").read_bytes()[:440])
            disk.seek(512)
            disk.write(core.read_bytes())
        run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, self.made / "disk.qcow2")
        raw.unlink()

    def let_it_write_its_menu(self):
        with Machine(self.made / "disk.qcow2", self.made / "key", self.work) as machine:
            machine.wait_until_up()
            machine.ssh("update-grub && systemctl poweroff", check=False)
            machine.process.wait(timeout=300)
