# SPDX-License-Identifier: Apache-2.0
"""A plan whose result store goes away in the middle: a real server that is killed."""

import csv
import unittest

from database_servers import MariaDb, PostgreSql
from lab_fixture import PERF_HISTORY, LabTestCase, plan_text, wait_until

PLAN = plan_text("pebble-test", {"good": "good"}, "pebble/ioctl.yaml", "{sessions: 5}")


class PlanStore(LabTestCase):
    history = PERF_HISTORY

    def begins(self, job, number):
        wait_until(lambda: any(f"invocation {number} of 5" in text
                               for text in self.lab.events(job)), f"session {number} begins")

    def check_rows(self, server, name):
        self.lab.run("result", "merge", server.url, "--output", name)
        with open(self.lab.project / name / "result.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 5)
        self.assertEqual(len({row["session"] for row in rows}), 5)

    def carry_on_without(self, server, name):
        plan = self.lab.project / f"{name}.yaml"
        plan.write_text(PLAN)
        job = self.lab.json("plan", "exec", "--output", server.url, plan.name, "--detach")["job"]

        self.begins(job, 2)
        server.kill()
        self.begins(job, 4)
        self.assertFalse(server.answers())
        server.start()
        self.lab.run("job", "wait", job)

        self.check_rows(server, name)
        events = "\n".join(self.lab.events(job))
        self.assertIn("what was measured waits in ", events)
        self.assertIn("is back; what waited for it is there", events)

    def test_a_server_that_stays_away_fails_the_plan_which_then_goes_on(self):
        with MariaDb() as server:
            (self.lab.project / "away.yaml").write_text(PLAN)
            job = self.lab.json("plan", "exec", "--output", server.url, "away.yaml",
                                "--detach")["job"]
            self.begins(job, 4)
            server.kill()
            failed = self.lab.run("job", "wait", job, code=5)
            server.start()
            self.lab.run("plan", "resume", job)
            self.check_rows(server, "away")

        self.assertIn("what was measured waits in ", failed.stderr)

    def test_mariadb_is_killed(self):
        with MariaDb() as server:
            self.carry_on_without(server, "mariadb")

    def test_postgresql_is_killed(self):
        with PostgreSql() as server:
            self.carry_on_without(server, "postgresql")


if __name__ == "__main__":
    unittest.main()
