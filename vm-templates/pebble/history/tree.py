# SPDX-License-Identifier: Apache-2.0
"""A source tree in memory, and edits of it that refuse to miss their mark."""

import os

FILE = "100644"
SCRIPT = "100755"
LINK = "120000"


class EditError(Exception):
    """An edit does not fit the tree: the catalogue has a mistake."""


class Tree:
    """Maps a path to (mode, content)."""

    def __init__(self, entries=None):
        self.entries = dict(entries or {})

    @classmethod
    def load(cls, directory):
        """The files below directory; objects of a build there are left out."""
        entries = {}
        for parent, dirs, names in os.walk(directory):
            dirs[:] = sorted(d for d in dirs if d != "obj")
            for name in sorted(names):
                if name.endswith("~"):
                    continue
                path = os.path.join(parent, name)
                with open(path, "rb") as file:
                    entries[os.path.relpath(path, directory)] = (FILE, file.read())
        if "Makefile" not in entries:
            raise EditError(f"{directory}: not a source tree of pebble")
        return cls(entries)

    def copy(self):
        return Tree(self.entries)

    def has(self, path):
        return path in self.entries

    def text(self, path):
        if path not in self.entries:
            raise EditError(f"{path}: no such file")
        return self.entries[path][1].decode()

    def write(self, path, text):
        mode = self.entries[path][0] if path in self.entries else FILE
        self.entries[path] = (mode, text.encode())

    def add(self, path, text, mode=FILE):
        if path in self.entries:
            raise EditError(f"{path}: exists already")
        self.entries[path] = (mode, text.encode())

    def remove(self, path):
        self.text(path)
        del self.entries[path]

    def rename(self, old, new):
        if new in self.entries:
            raise EditError(f"{new}: exists already")
        self.text(old)
        self.entries[new] = self.entries.pop(old)

    def set_mode(self, path, mode):
        self.text(path)
        if self.entries[path][0] == mode:
            raise EditError(f"{path}: has mode {mode} already")
        self.entries[path] = (mode, self.entries[path][1])

    def replace(self, path, old, new):
        """Replaces a text that occurs exactly once."""
        text = self.text(path)
        found = text.count(old)
        if found != 1:
            raise EditError(f"{path}: {found} times, not once: {old!r}")
        if old == new:
            raise EditError(f"{path}: nothing changes: {old!r}")
        self.write(path, text.replace(old, new))

    def replace_word(self, path, old, new):
        """Replaces every occurrence of a name that is unlike any other."""
        text = self.text(path)
        if old not in text:
            raise EditError(f"{path}: not there: {old!r}")
        self.write(path, text.replace(old, new))

    def after(self, path, anchor, new):
        self.replace(path, anchor, anchor + new)

    def before(self, path, anchor, new):
        self.replace(path, anchor, new + anchor)

    def append(self, path, new):
        self.write(path, self.text(path) + new)

    def difference(self, older):
        """What turns the older tree into this one: (path, entry or None)."""
        paths = sorted(set(self.entries) | set(older.entries))
        return [
            (path, self.entries.get(path))
            for path in paths
            if self.entries.get(path) != older.entries.get(path)
        ]
