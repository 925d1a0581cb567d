# SPDX-License-Identifier: Apache-2.0
"""What a bisection without machines makes of histories and commands that are not as they should be."""

import unittest

from lab_fixture import Lab
from repositories import commit_of, make_line, write_script

COMMITS = 60

BROKEN = """n=$(cat number)
[ $n -gt {from_} ] && [ $n -lt {to} ] && {{ echo "$PWD/a.c:$n: error: no member frob"; exit 125; }}
[ $n -gt 42 ] && [ $n -lt 48 ] && {{ echo b.c:9: fatal error: quux.h: No such file; exit 125; }}
[ $n -lt 45 ]
"""


class BisectQuestions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.repository = cls.lab.project / "line"
        make_line(cls.repository, COMMITS)
        cls.lab.project = cls.repository

    def script(self, text):
        path = self.lab.home / "check.sh"
        write_script(path, "#!/bin/sh\n" + text)
        return str(path)

    def commit(self, number):
        return commit_of(self.repository, COMMITS, number)

    def bisect(self, *arguments, code=0):
        return self.lab.json("bisect", "v1..v2", *arguments, code=code)

    def test_what_cannot_be_tested_is_grouped_by_its_first_error(self):
        script = self.script(BROKEN.format(from_=25, to=35))

        result = self.bisect("--", script, code=7)

        frob, quux = sorted(result["blockers"], key=lambda one: one["reason"])
        self.assertEqual(frob["reason"].split(":")[0], "a.c")
        self.assertEqual(quux, {"reason": "b.c:9: fatal error: quux.h: No such file", "commits": 5,
                                "begins": self.commit(43), "ends": self.commit(47),
                                "not_tried": 0, "text": quux["text"]})
        for form in ("table", "md", "html"):
            with self.subTest(form=form):
                report = self.lab.run("bisect", "report", "-o", form).stdout
                self.assertEqual(report.count("5 x b.c:9: fatal error: quux.h"), 1)
        self.assertIn(quux["text"], self.lab.run("bisect", "status").stdout)

    def test_everything_is_said_in_the_words_given(self):
        terms = ("--term-old", "broken", "--term-new", "fixed")
        script = self.script("[ $(cat number) -lt 30 ]\n")

        shown = self.lab.run("bisect", "v1..v2", *terms, "--", script).stdout
        report = self.lab.run("bisect", "report", "-o", "md").stdout

        self.assertIn("is the first fixed commit", shown)
        self.assertRegex(shown, r"[0-9a-f]{12}  broken")
        self.assertNotRegex(shown + report, r"\b(good|bad)\b")
        self.assertIn("--term-old broken --term-new fixed", report)

    def test_a_range_in_which_nothing_builds_says_so(self):
        script = self.script(BROKEN.format(from_=0, to=COMMITS))

        result = self.bisect("--", script, code=7)

        between = COMMITS - 1
        self.assertIn(f"cannot be tested: {between} of {between} do not build", result["text"])
        self.assertEqual([(one["commits"], one["begins"], one["ends"])
                          for one in result["blockers"]],
                         [(between, self.commit(1), self.commit(COMMITS - 1))])


if __name__ == "__main__":
    unittest.main()
