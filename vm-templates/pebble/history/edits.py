# SPDX-License-Identifier: Apache-2.0
"""An edit: what one commit does to the tree, and what it says about it."""

import textwrap


class Edit:
    def __init__(self, subject, body, apply):
        self.subject = subject
        self.body = body
        self.apply = apply

    def message(self):
        paragraphs = [textwrap.fill(" ".join(p.split()), 72) for p in self.body.split("\n\n")]
        return self.subject + "\n\n" + "\n\n".join(paragraphs) + "\n"


class Chain:
    """Edits that come in this order, each of them once."""

    def __init__(self, name, edits):
        self.name = name
        self.edits = list(edits)

    def next(self):
        return self.edits.pop(0) if self.edits else None


class Supply:
    """Edits made on demand, by a function that may say None at the end."""

    def __init__(self, name, make):
        self.name = name
        self.make = make

    def next(self):
        return self.make()
