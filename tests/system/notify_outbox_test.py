# SPDX-License-Identifier: Apache-2.0
"""Messages of jobs, from the job to a receiver on loopback, with labd killed in between."""

import contextlib
import hashlib
import hmac
import http.server
import json
import pathlib
import signal
import sqlite3
import threading
import unittest

from lab_fixture import Lab, wait_until
from repositories import commit_of, make_line, write_script

COMMITS = 6
CULPRIT = 4
SECRET = "correct-horse-battery-staple"

CONFIG = """notify:
  channels:
    first: {{type: webhook, allow_private: true, url: "{url}/first", secret: "${{file:secret}}"}}
    second: {{type: webhook, allow_private: true, url: "{url}/second"}}
    asked: {{type: webhook, allow_private: true, url: "{url}/asked"}}
  rules:
    - {{when: [found, failed, cancelled], kinds: [bisect], to: [first, second]}}
"""


class Recorder:
    """Records what arrives. While it hangs, requests are recorded and never answered."""

    def __init__(self):
        recorder = self
        self.requests = []
        self.hanging = threading.Event()
        self.ending = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                recorder.requests.append((self.path.strip("/"), dict(self.headers), body))
                if recorder.hanging.is_set():
                    recorder.ending.wait(60)
                    return
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()

    def messages(self, channel, job):
        """What a channel was told of a job: {id of the message: event}, so each once."""
        found = {}
        for path, _, body in list(self.requests):
            event = json.loads(body)
            for each in event["facts"].get("messages", [event]):
                if path == channel and each["facts"].get("job") == job:
                    found[each["id"]] = each
        return found


class NotifyOutbox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recorder = Recorder()
        cls.addClassCleanup(cls.recorder.close)
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        repository = cls.lab.project / "line"
        make_line(repository, COMMITS)
        cls.lab.project = repository
        (repository / "lab.yaml").write_text(CONFIG.format(url=cls.recorder.url))
        cls.lab.run("config", "trust", "--yes")
        secret = repository / "secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n")
        cls.check = cls.lab.home / "check.sh"
        write_script(cls.check, f"#!/bin/sh\n[ $(cat number) -lt {CULPRIT} ]\n")
        cls.endless = cls.lab.home / "endless.sh"
        write_script(cls.endless, "#!/bin/sh\nexec sleep 600\n")

    def setUp(self):
        self.recorder.hanging.clear()
        self.lab.run("daemon", "start")

    def start_job(self, script, strategy="git"):
        before = set(self.query("lab", "select id from job"))
        follower = self.lab.start("bisect", "v1..v2", "--strategy", strategy, "--", str(script))
        self.addCleanup(follower.wait, 60)
        ((job,),) = wait_until(lambda: set(self.query("lab", "select id from job")) - before,
                               "a job", timeout=30)
        return job

    def query(self, database, statement, *values):
        """From the database: works while labd is dead."""
        file = f"file:{self.lab.home}/state/{database}.db?mode=ro"
        with contextlib.closing(sqlite3.connect(file, uri=True)) as db:
            return db.execute(statement, values).fetchall()

    def state_of(self, job):
        ((state,),) = self.query("lab", "select state from job where id = ?", job)
        return state

    def wait_until_sent(self, job=""):
        """And, of a job that has just ended, until its end is in the outbox at all."""
        wait_until(lambda: not job or self.query(
            "outbox", "select key from told where key like ?", f"{job}/end/%"),
            "the end in the outbox", timeout=30)
        wait_until(lambda: not self.lab.json("notify", "outbox", "list"), "an empty outbox",
                   timeout=60)

    def assert_told_once(self, job, channels=("first", "second")):
        for channel in channels:
            messages = self.recorder.messages(channel, job)
            self.assertEqual(len(messages), 1, f"{channel}: {messages}")

    def test_the_end_of_a_bisection(self):
        job = self.start_job(self.check, strategy="bayes")
        self.lab.run("job", "wait", job)
        self.wait_until_sent(job)

        self.assert_told_once(job)
        (event,) = self.recorder.messages("first", job).values()
        culprit = commit_of(self.lab.project, COMMITS, CULPRIT)
        self.assertEqual(event["facts"]["event"], "found")
        self.assertEqual(event["facts"]["commit"], culprit)
        self.assertTrue(event["title"].startswith(f"found: {culprit[:12]} "), event["title"])
        report = self.lab.home / f"state/reports/{job}.html"
        self.assertIn(f"{culprit[:12]} is the first bad commit", report.read_text())
        self.assertEqual(event["facts"]["report"], str(report))
        for line in (f"{culprit} is the first bad commit", f"report: {report}", "Subject: ", "Author: ",
                     "Probability: ", "Effect: fails ", " before", "after ",
                     f"lab bisect report {job}"):
            self.assertIn(line, event["text"])
        (headers, body), = [(headers, body) for path, headers, body in self.recorder.requests
                            if path == "first" and job.encode() in body]
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        self.assertEqual(headers["X-Lab-Signature-256"], "sha256=" + digest)

    def test_killed_between_the_end_of_a_job_and_its_message(self):
        # A lock on the outbox holds labd exactly there.
        held = sqlite3.connect(self.lab.home / "state/outbox.db", isolation_level=None)
        held.execute("begin immediate")
        job = self.start_job(self.check)
        wait_until(lambda: self.state_of(job) == "done", "the end of the job", timeout=60)
        self.lab.kill_labd()
        held.execute("rollback")
        held.close()
        self.assertEqual(self.recorder.messages("first", job), {})

        self.lab.run("daemon", "start")
        self.wait_until_sent()
        self.lab.kill_labd()
        self.lab.run("daemon", "start")
        self.wait_until_sent()

        self.assert_told_once(job)

    def test_killed_while_it_sends(self):
        self.recorder.hanging.set()
        job = self.start_job(self.check)
        wait_until(lambda: self.recorder.messages("first", job) and
                   self.recorder.messages("second", job), "both attempts", timeout=60)
        self.lab.kill_labd()
        self.recorder.hanging.clear()

        self.lab.run("daemon", "start")
        self.wait_until_sent()

        self.assert_told_once(job)
        self.assertEqual(sum(job.encode() in body and path == "first"
                             for path, _, body in self.recorder.requests), 2)

    def test_killed_at_any_time(self):
        jobs = []
        for round_number in range(4):
            job = self.start_job(self.check)
            jobs.append(job)
            if round_number % 2:
                wait_until(lambda: self.state_of(job) == "done", "the end of the job", timeout=60)
            self.lab.kill_labd()
            self.lab.run("daemon", "start")
        for job in jobs:
            self.lab.run("job", "wait", job)
            self.wait_until_sent(job)

            self.assert_told_once(job)

    def test_a_channel_that_hangs_delays_no_job(self):
        self.recorder.hanging.set()
        first = self.start_job(self.check)
        second = self.start_job(self.check)

        self.lab.run("job", "wait", first, timeout=60)
        self.lab.run("job", "wait", second, timeout=60)
        self.lab.run("daemon", "stop", timeout=20)
        self.recorder.hanging.clear()
        self.lab.run("daemon", "start")
        self.wait_until_sent()

        self.assert_told_once(first)
        self.assert_told_once(second)

    def test_somebody_who_asked_and_left_is_told(self):
        job = self.start_job(self.endless)
        waiting = self.lab.start("job", "wait", job, "--notify", "asked", "--notify", "first")

        wait_until(lambda: len(self.query("outbox", "select * from watch where job = ?",
                                          job)) == 2, "both watches", timeout=30)
        waiting.send_signal(signal.SIGINT)
        self.assertEqual(waiting.wait(30), 130)
        self.assertEqual(self.recorder.messages("asked", job), {})

        self.lab.run("job", "cancel", job)
        self.lab.run("job", "wait", job, code=130)
        self.wait_until_sent(job)

        self.assert_told_once(job, ("asked", "first", "second"))
        (event,) = self.recorder.messages("asked", job).values()
        self.assertEqual(event["facts"]["event"], "cancelled")

    def test_no_secret_is_kept_anywhere(self):
        job = self.start_job(self.check)
        self.lab.run("job", "wait", job)
        self.wait_until_sent(job)

        secret = SECRET.encode()
        for path in pathlib.Path(self.lab.home, "state").rglob("*"):
            if path.is_file():
                self.assertNotIn(secret, path.read_bytes(), path)
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.assertNotIn(secret, entry.read_bytes(), entry)
            except OSError:
                continue


if __name__ == "__main__":
    unittest.main()
