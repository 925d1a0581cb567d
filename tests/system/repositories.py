# SPDX-License-Identifier: Apache-2.0
"""Made-up repositories for bisections without machines."""

import os
import subprocess


def make_line(path, commits, first_time=1700000000):
    """A line of commits 0 to `commits`; the file `number` holds each one's own. Tags v1 and v2."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    stream = []
    for number in range(commits + 1):
        text = f"commit {number}"
        stream.append(f"commit refs/heads/main\nmark :{number + 1}\n"
                      f"committer lab developers <lab@example.org> {first_time + 60 * number} +0000\n"
                      f"data {len(text)}\n{text}\n"
                      + (f"from :{number}\n" if number else "")
                      + f"M 100644 inline number\ndata {len(str(number))}\n{number}\n\n")
    stream.append(f"reset refs/tags/v1\nfrom :1\n\nreset refs/tags/v2\nfrom :{commits + 1}\n\n")
    subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"],
                   input="".join(stream).encode(), check=True)
    subprocess.run(["git", "-C", str(path), "checkout", "-q", "main"], check=True)


def commit_of(path, commits, number):
    """Object id of the commit with a number in a line of `commits`."""
    return subprocess.run(["git", "-C", str(path), "rev-parse", f"main~{commits - number}"],
                          check=True, capture_output=True, text=True).stdout.strip()


def write_script(path, text):
    path.write_text(text)
    path.chmod(0o755)


def commit_all(path, message, tag):
    """Commits everything that is in a work tree."""
    git = ["git", "-C", str(path), "-c", "user.name=lab developers",
           "-c", "user.email=lab@example.org"]
    for words in (["add", "-A"], ["commit", "-q", "-m", message], ["tag", tag]):
        subprocess.run([*git, *words], check=True, capture_output=True)


def make_c_program(path, commits):
    """A C program in which every third commit changes what is compiled; wrong from commit 27 on."""
    def git(*arguments):
        subprocess.run(["git", "-C", str(path), "-c", "user.name=lab developers",
                        "-c", "user.email=lab@example.org", *arguments], check=True,
                       capture_output=True)
    path.mkdir()
    git("init", "-q", "-b", "main")
    (path / "src").mkdir()
    (path / "src/used.h").write_text("#define STEP 0\n")
    (path / "src/unused.h").write_text("#define UNUSED 0\n")
    (path / "src/unused.c").write_text("int unused;\n")
    (path / "src/main.c").write_text('#include "used.h"\nint main(void) { return STEP >= 27; }\n')
    (path / "Makefile").write_text("prog: src/main.c\n\t$(CC) -MMD -MF main.d -o $@ $<\n"
                                   "-include main.d\n")
    write_script(path / "check.sh", "#!/bin/sh\nmake -s >/dev/null && exec ./prog\n")
    git("add", "-A")
    git("commit", "-q", "-m", "start")
    git("tag", "v1")
    for number in range(1, commits + 1):
        if number % 3 == 0:
            (path / "src/used.h").write_text(f"#define STEP {number}\n")
        else:
            name = "unused.h" if number % 3 == 1 else "unused.c"
            (path / "src" / name).write_text(f"int unused_{number};\n")
        git("commit", "-q", "-a", "-m", f"change {number}")
    git("tag", "v2")


def bisect_by_lab(lab, labd, home, repository, script):
    """Bisects v1..v2 in a lab of its own; the first bad commit, or None without one."""
    environment = dict(os.environ, LAB_HOME=str(home))
    environment["PATH"] = os.path.dirname(os.path.abspath(labd)) + ":" + os.environ["PATH"]
    done = subprocess.run([os.path.abspath(lab), "-q", "-o", "id", "bisect", "v1..v2", "--",
                           str(script)], cwd=repository, env=environment, capture_output=True,
                          text=True, check=False)
    if done.returncode not in (0, 7):
        raise RuntimeError(done.stderr)
    return done.stdout.split()[0] if done.returncode == 0 else None
