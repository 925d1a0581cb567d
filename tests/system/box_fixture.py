# SPDX-License-Identifier: Apache-2.0
"""The machine by SSH of a test class: switched on with a disk of its own."""

import pathlib
import tempfile

from machine import Box
from machine_disk import Disk, run


# For a box that measures: its clock counts instructions, whatever else the host does.
STEADY_CLOCK = ("-icount", "shift=1,sleep=off")


def start_box(case, *options):
    """A box that is up; switched off, and its disk removed, at the end of the class."""
    disk = Disk().ensure()
    directory = tempfile.TemporaryDirectory(prefix="box-", dir="/tmp")
    case.addClassCleanup(directory.cleanup)
    overlay = pathlib.Path(directory.name) / "disk.qcow2"
    run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", disk.image, overlay)
    box = case.enterClassContext(Box(overlay, disk.key, directory.name, *options))
    box.disk = disk
    box.wait_until_up()
    return box


def add_box(lab, box, name, *options):
    """Adds it to a lab under a name."""
    lab.run("sut", "add", name, "--host", "127.0.0.1", "--user", "root", "--port", str(box.port),
            "--keyfile", str(box.key), "--yes", *options)
