# SPDX-License-Identifier: Apache-2.0
"""A plain QEMU that resets as a box does: what stands for a physical machine.

    python3 machine.py reset SOCKET     what its power button is
"""

import pathlib
import socket
import subprocess
import sys
import threading
import time


class Machine:
    """A box that is switched on; switched off at the end of the with statement."""

    def __init__(self, disk, key, directory, *options):
        self.directory = pathlib.Path(directory)
        self.console = self.directory / "console.log"
        self.monitor = self.directory / "monitor"
        self.key = key
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.argv = [
            "qemu-system-x86_64", "-machine", "q35,accel=tcg", "-m", "1024", "-smp", "1",
            "-display", "none", "-chardev", f"file,id=con,path={self.console},append=on",
            "-serial", "chardev:con",
            "-monitor", f"unix:{self.monitor},server=on,wait=off",
            "-smbios", "type=1,manufacturer=Acme,product=Box 9",
            "-drive", f"file={disk},format=qcow2,if=virtio,cache=unsafe",
            "-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{self.port}-:22",
            "-device", "virtio-net-pci,netdev=net", *options]
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def has_ended(self):
        return self.process.poll() is not None

    def ssh(self, command, check=True, timeout=120):
        return subprocess.run(
            ["ssh", "-i", self.key, "-p", str(self.port), "-o", "BatchMode=yes",
             "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
             "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=20", "root@127.0.0.1", command],
            check=check, capture_output=True, text=True, timeout=timeout)

    def wait_until_up(self, timeout=600):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.has_ended():
                raise AssertionError(f"QEMU ended: exit code {self.process.returncode}")
            if self.ssh("true", check=False).returncode == 0:
                return
            time.sleep(1)
        raise AssertionError(f"no SSH within {timeout} s; console:\n" +
                             self.console.read_text(errors="replace")[-3000:])


class Box(Machine):
    """A machine that stays on: each of its resets is a QEMU of its own. A QEMU that goes on keeps
    what it translated of the kernel before, and then GRUB's reads into those pages, which it takes
    for code that changes itself, take minutes."""

    def __init__(self, disk, key, directory, *options):
        super().__init__(disk, key, directory, "-no-reboot", *options)
        self.off = threading.Event()
        self.power = threading.Thread(target=self.keep_on)

    def __enter__(self):
        super().__enter__()
        self.power.start()
        return self

    def __exit__(self, *_):
        self.off.set()
        self.process.kill()
        self.power.join()

    def keep_on(self):
        while self.process.wait() == 0 and not self.off.is_set():
            super().__enter__()
            if self.off.is_set():
                self.process.kill()

    def has_ended(self):
        return not self.power.is_alive()


def reset(monitor):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(monitor)

        def until_prompt():
            # Whoever leaves before the prompt takes back what was not read yet.
            said = b""
            while not said.endswith(b"(qemu) "):
                more = connection.recv(4096)
                if not more:
                    break
                said += more

        until_prompt()
        connection.sendall(b"system_reset\n")
        until_prompt()


if __name__ == "__main__":
    if sys.argv[1:2] != ["reset"] or len(sys.argv) != 3:
        sys.exit(__doc__)
    reset(sys.argv[2])
