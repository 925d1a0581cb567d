#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the ELF headers of the programs that users run.

hardened_programs_test.py CONFIGURATION PROGRAM...
"""

import struct
import sys
import unittest

ET_DYN = 3
OPTIMISED = ("Release", "RelWithDebInfo", "MinSizeRel")
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
PT_GNU_STACK, PT_GNU_RELRO = 0x6474E551, 0x6474E552
PF_X, PF_W = 1, 2
DT_STRTAB, DT_STRSZ, DT_TEXTREL = 5, 10, 22
DT_RPATH, DT_RUNPATH, DT_FLAGS, DT_FLAGS_1 = 15, 29, 30, 0x6FFFFFFB
DF_BIND_NOW = 8
DF_1_NOW, DF_1_PIE = 1, 0x08000000


class Elf:
    """A 64-bit little-endian program: its type, segments, dynamic entries and imported names."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.data = file.read()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path}: no 64-bit little-endian ELF file")
        self.type = struct.unpack_from("<H", self.data, 16)[0]
        offset = struct.unpack_from("<Q", self.data, 32)[0]
        size, count = struct.unpack_from("<HH", self.data, 54)
        # (type, flags, offset in the file, address, bytes in the file)
        self.segments = []
        for index in range(count):
            kind, flags, at, address, _, length = struct.unpack_from("<IIQQQQ", self.data, offset + index * size)
            self.segments.append((kind, flags, at, address, length))
        self.dynamic = dict(self._dynamic())

    def segment(self, kind):
        return next((segment for segment in self.segments if segment[0] == kind), None)

    def _dynamic(self):
        _, _, at, _, length = self.segment(PT_DYNAMIC)
        return struct.iter_unpack("<QQ", self.data[at:at + length])

    def _file_offset(self, address):
        for kind, _, at, start, length in self.segments:
            if kind == PT_LOAD and start <= address < start + length:
                return at + address - start
        raise ValueError(f"no segment holds {address:#x}")

    def imports(self):
        """The names of the dynamic symbols: the string table ends where its size says."""
        strings = self._file_offset(self.dynamic[DT_STRTAB])
        table = self.data[strings:strings + self.dynamic[DT_STRSZ]]
        return set(table.split(b"\0"))


class HardenedPrograms(unittest.TestCase):
    configuration = ""
    programs = []

    def setUp(self):
        self.assertTrue(self.programs)
        self.elves = [Elf(path) for path in self.programs]

    def test_are_loaded_at_random_addresses(self):
        for elf in self.elves:
            self.assertEqual(elf.type, ET_DYN, elf.path)
            self.assertIsNotNone(elf.segment(PT_INTERP), elf.path)
            self.assertTrue(elf.dynamic.get(DT_FLAGS_1, 0) & DF_1_PIE, elf.path)
            self.assertNotIn(DT_TEXTREL, elf.dynamic, elf.path)

    def test_are_bound_at_start_and_their_tables_are_read_only(self):
        for elf in self.elves:
            self.assertIsNotNone(elf.segment(PT_GNU_RELRO), elf.path)
            now = elf.dynamic.get(DT_FLAGS, 0) & DF_BIND_NOW or elf.dynamic.get(DT_FLAGS_1, 0) & DF_1_NOW
            self.assertTrue(now, elf.path)

    def test_have_no_executable_stack(self):
        for elf in self.elves:
            stack = elf.segment(PT_GNU_STACK)
            self.assertIsNotNone(stack, elf.path)
            self.assertFalse(stack[1] & PF_X, elf.path)
            code = [flags for kind, flags, *_ in elf.segments if kind == PT_LOAD and flags & PF_X]
            self.assertFalse(any(flags & PF_W for flags in code), elf.path)

    def test_check_the_stack(self):
        for elf in self.elves:
            self.assertTrue(b"__stack_chk_fail" in elf.imports(), elf.path)

    def test_check_buffers_where_they_are_optimised(self):
        if self.configuration not in OPTIMISED:
            self.skipTest(f"{self.configuration or 'no configuration'}: not optimised")
        for elf in self.elves:
            checked = {name for name in elf.imports() if name.startswith(b"__") and name.endswith(b"_chk")}
            self.assertTrue(checked, elf.path)

    def test_search_no_libraries_in_directories_of_their_own(self):
        if self.configuration not in OPTIMISED:
            self.skipTest("of programs that users run")
        for elf in self.elves:
            self.assertNotIn(DT_RPATH, elf.dynamic, elf.path)
            self.assertNotIn(DT_RUNPATH, elf.dynamic, elf.path)


if __name__ == "__main__":
    HardenedPrograms.configuration, *HardenedPrograms.programs = sys.argv[1:]
    unittest.main(argv=sys.argv[:1], verbosity=2)
