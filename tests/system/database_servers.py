# SPDX-License-Identifier: Apache-2.0
"""Real database servers in a directory of their own, without a port, that can be killed."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time


class Server:
    """One that runs; ended, and its directory removed, at the end of the with statement."""

    def __init__(self):
        # Short: its socket lies there.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="db-", dir="/tmp"))
        self.user = "nobody" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.directory, self.user)
        self.process = None

    def __enter__(self):
        self.make()
        self.start()
        self.create_database()
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.directory)

    def run(self, *argv):
        subprocess.run([str(word) for word in argv], check=True, capture_output=True, text=True,
                       user=self.user, cwd="/", timeout=120)

    def start(self):
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([str(word) for word in self.argv()], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, user=self.user,
                                            cwd="/", start_new_session=True)
        end = time.monotonic() + 60
        while not self.answers():
            if time.monotonic() > end:
                raise AssertionError((self.directory / "log").read_text(errors="replace")[-3000:])
            time.sleep(0.05)

    def answers(self):
        return subprocess.run([str(word) for word in self.question()], check=False, cwd="/",
                              capture_output=True, timeout=60).returncode == 0

    def kill(self):
        self.process.kill()
        self.process.wait()


class MariaDb(Server):
    @property
    def socket(self):
        return self.directory / "socket"

    @property
    def url(self):
        return f"mysql://root@localhost/results?socket={self.socket}"

    def make(self):
        self.run("mariadb-install-db", "--no-defaults", "--skip-test-db",
                 "--auth-root-authentication-method=normal", f"--datadir={self.directory}/data")

    def argv(self):
        return (shutil.which("mariadbd", path=os.environ["PATH"] + ":/usr/sbin"), "--no-defaults",
                f"--datadir={self.directory}/data", f"--socket={self.socket}", "--skip-networking",
                "--innodb-buffer-pool-size=16M", f"--pid-file={self.directory}/pid")

    def question(self):
        return ("mariadb", "--no-defaults", "-u", "root", f"--socket={self.socket}", "-e",
                "select 1")

    def create_database(self):
        self.run("mariadb", "--no-defaults", "-u", "root", f"--socket={self.socket}", "-e",
                 "create database results")


class PostgreSql(Server):
    @property
    def url(self):
        return f"postgresql://root@/results?socket={self.directory}"

    @staticmethod
    def program(name):
        return sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))[-1]

    def make(self):
        self.run(self.program("initdb"), "-A", "trust", "-U", "root", "-E", "UTF8", "--no-locale",
                 "--no-sync", "-D", self.directory / "data")

    def argv(self):
        return (self.program("postgres"), "-D", self.directory / "data", "-k", self.directory,
                "-c", "listen_addresses=", "-c", "fsync=off")

    def question(self):
        return self.program("pg_isready"), "-h", self.directory, "-U", "root", "-d", "postgres"

    def create_database(self):
        self.run(self.program("psql"), "-h", self.directory, "-U", "root", "-d", "postgres", "-c",
                 "create database results")
