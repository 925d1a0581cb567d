# SPDX-License-Identifier: Apache-2.0
"""Writes commits into a new git repository, the same way on every machine."""

import os
import subprocess

AUTHORS = (
    "Pebble Developers <pebble@example.org>",
    "Pebble Kernel <kernel@pebble.example.org>",
    "Pebble World <world@pebble.example.org>",
)


class GitError(Exception):
    pass


class Commit:
    def __init__(self, message, author, date, parents, changes):
        self.message = message
        self.author = author
        self.date = date
        self.parents = parents
        # What changes against the first parent: (path, (mode, content) or None).
        self.changes = changes


def environment():
    """The caller's environment without anything that is meant for git."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C")
    return env


def git(directory, *args, stdin=None):
    command = ["git", "-C", directory, *args]
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, env=environment())
    except OSError as error:
        raise GitError(f"cannot run git: {error.strerror}") from error
    if done.returncode != 0:
        raise GitError(f"git {args[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode()


def quoted(path):
    """A path as fast-import wants it: always in quotes, bytes as they are."""
    raw = path.encode()
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def data(content):
    return b"data %d\n%s\n" % (len(content), content)


def stream(commits):
    """The input of git fast-import; the mark of a commit is its index + 1."""
    for index, commit in enumerate(commits):
        yield b"commit refs/heads/build\nmark :%d\n" % (index + 1)
        for role in (b"author", b"committer"):
            yield b"%s %s %d +0000\n" % (role, commit.author.encode(), commit.date)
        yield data(commit.message.encode())
        for number, parent in enumerate(commit.parents):
            yield b"%s :%d\n" % (b"merge" if number else b"from", parent + 1)
        for path, entry in commit.changes:
            if entry is None:
                yield b"D %s\n" % quoted(path)
            else:
                mode, content = entry
                yield b"M %s inline %s\n" % (mode.encode(), quoted(path))
                yield data(content)
        yield b"\n"
    for ref, mark in (("heads/main", len(commits)), ("tags/good", 1), ("tags/bad", len(commits))):
        yield b"reset refs/%s\nfrom :%d\n\n" % (ref.encode(), mark)
    yield b"done\n"


def write(directory, commits):
    """Makes the repository and checks out main; returns the commits' names."""
    os.makedirs(directory, exist_ok=True)
    git(directory, "init", "--quiet", "--template=", "--initial-branch=main")
    marks = os.path.join(os.path.abspath(directory), ".git", "marks")
    git(
        directory,
        "fast-import",
        "--quiet",
        "--done",
        f"--export-marks={marks}",
        stdin=b"".join(stream(commits)),
    )
    with open(marks, encoding="ascii") as file:
        lines = dict(line.split() for line in file)
    os.remove(marks)
    git(directory, "update-ref", "-d", "refs/heads/build")
    git(directory, "reset", "--quiet", "--hard", "main")
    return [lines[f":{index + 1}"] for index in range(len(commits))]
