#!/usr/bin/env python3
"""Tests of scripts/deploy_sql.py and of scripts/check_deploy.py: that what is wrong is seen."""

import pathlib
import sqlite3
import sys
import tempfile
import time
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_deploy
import deploy_files
import deploy_sql

NOW = int(time.time())
GOOD = {"State": "compliant", "LastRunEpoch": str(NOW - 60), "StaleAfter": "86400", "DriftedControls": "",
        "UnknownControls": "", "ContestedControls": "", "AgentVersion": "0.1.0", "Control_firewall_on": "compliant",
        "Control_gatekeeper": "not_applicable"}
PROGRAM = (deploy_sql.BINARY, "regular", 0, 0, "0755")
FILE = (deploy_sql.STATUS, "regular", 0, 0, "0644")
HOSTILE = "compliant</result>\n<result>\x1b[2J"


def base(values=GOOD, files=(PROGRAM, FILE), more=()):
    """osquery's tables, with this state file and these files."""
    tables = sqlite3.connect(":memory:")
    tables.execute("CREATE TABLE plist (key TEXT, subkey TEXT, value TEXT, path TEXT)")
    tables.execute("CREATE TABLE file (path TEXT, type TEXT, symlink INTEGER, uid BIGINT, mode TEXT)")
    tables.execute("CREATE TABLE time (unix_time INTEGER)")
    tables.execute("INSERT INTO time VALUES (?)", (NOW,))
    tables.executemany("INSERT INTO plist VALUES (?, '', ?, ?)", [(*pair, deploy_sql.STATUS) for pair in values.items()])
    tables.executemany("INSERT INTO plist VALUES (?, ?, ?, ?)", more)
    tables.executemany("INSERT INTO file VALUES (?, ?, ?, ?, ?)", files)
    return tables


def state(*arguments, **options):
    rows = base(*arguments, **options).execute(deploy_sql.STATE_REPORT).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


def passing(*arguments, **options):
    tables = base(*arguments, **options)
    return "".join("+" if tables.execute(sql).fetchall() else "-" for _, _, _, sql in deploy_sql.POLICIES)


class Sql(unittest.TestCase):
    def test_a_good_state(self):
        self.assertEqual(state(), ("compliant", "none", "none", "none", NOW - 60, "0.1.0"))
        self.assertEqual(passing(), "++++")

    def test_a_drifted_one_names_its_controls(self):
        values = {**GOOD, "State": "drifted", "DriftedControls": "firewall_on,gatekeeper", "ContestedControls": "firewall_on"}
        self.assertEqual(state(values)[:4], ("drifted", "firewall_on,gatekeeper", "none", "firewall_on"))
        self.assertEqual(passing(values), "++--")

    def test_what_is_not_compliant_passes_as_nothing_else(self):
        for word in ("unknown", "bad_policy", "drifted"):
            self.assertEqual(passing({**GOOD, "State": word})[:3], "++-")

    def test_each_place_that_is_wrong_has_its_word(self):
        cases = {
            "not_installed": [(FILE,), ((deploy_sql.BINARY, "regular", 1, 0, "0755"), FILE),
                              ((deploy_sql.BINARY, "directory", 0, 0, "0755"), FILE)],
            "never_run": [(PROGRAM,)],
            "unreadable": [(PROGRAM, (deploy_sql.STATUS, *rest)) for rest in
                           [("regular", 1, 0, "0644"), ("regular", 0, 501, "0644"), ("regular", 0, 0, "0664"),
                            ("regular", 0, 0, "0646"), ("fifo", 0, 0, "0644"), ("directory", 0, 0, "0755")]],
        }
        for word, all_files in cases.items():
            for files in all_files:
                with self.subTest(word=word, files=files):
                    self.assertEqual(state(files=files)[:4], (word,) * 4)
                    self.assertEqual(passing(files=files)[1:], "---")

    def test_age(self):
        for age, word in ((0, "compliant"), (86400, "compliant"), (86401, "stale"), (-300, "compliant"), (-301, "stale")):
            values = {**GOOD, "LastRunEpoch": str(NOW - age)}
            self.assertEqual(state(values)[0], word, age)
            self.assertEqual(passing(values), "++++" if word == "compliant" else "+---", age)
        self.assertEqual(state({**GOOD, "LastRunEpoch": str(NOW - 100000), "StaleAfter": "200000"})[0], "compliant")

    def test_no_value_that_is_missing_or_hostile_is_good(self):
        for key in ("State", "LastRunEpoch", "StaleAfter"):
            for value in (None, "", HOSTILE, "-1", "1e9", " 1", "0x10", "99999999999999999999"):
                values = {**GOOD, key: value}
                if value is None:
                    del values[key]
                with self.subTest(key=key, value=value):
                    self.assertEqual(state(values)[0], "unreadable")
                    self.assertEqual(passing(values), "+---")
        for value in ("86399", "2419201", "0"):
            self.assertEqual(state({**GOOD, "StaleAfter": value})[0], "unreadable", value)

    def test_no_hostile_text_is_passed_on(self):
        for key in GOOD:
            for row in (state({**GOOD, key: HOSTILE}), *base({**GOOD, key: HOSTILE}).execute(deploy_sql.CONTROL_REPORT)):
                self.assertNotIn("<", "".join(map(str, row)), key)

    def test_a_list_that_is_not_there_is_not_empty(self):
        values = {key: value for key, value in GOOD.items() if key != "DriftedControls"}
        self.assertEqual(state(values)[1], "unreadable")
        self.assertEqual(passing(values), "++-+")

    def test_a_state_that_contradicts_its_lists_is_not_compliant(self):
        for key in ("DriftedControls", "UnknownControls"):
            for value in ("firewall_on", HOSTILE):
                self.assertEqual(passing({**GOOD, key: value}), "++-+", key)

    def test_a_value_below_a_key_is_not_that_keys(self):
        more = [("State", "0", "compliant", deploy_sql.STATUS), ("State", "inner", "compliant", deploy_sql.STATUS)]
        values = {key: value for key, value in GOOD.items() if key != "State"}
        self.assertEqual(state(values, more=more)[0], "unreadable")

    def test_another_file_says_nothing(self):
        more = [(key, "", value, "/tmp/status.plist") for key, value in GOOD.items()]
        self.assertEqual(state({}, more=more)[0], "unreadable")

    def test_controls_are_told_of_a_fresh_mac_only(self):
        rows = base().execute(deploy_sql.CONTROL_REPORT).fetchall()
        self.assertEqual(sorted(rows), [("firewall_on", "compliant"), ("gatekeeper", "not_applicable")])
        self.assertEqual(base({**GOOD, "LastRunEpoch": "1"}).execute(deploy_sql.CONTROL_REPORT).fetchall(), [])

    def test_the_pack_is_the_same_sql_on_one_line(self):
        for sql in (deploy_sql.STATE_REPORT, deploy_sql.CONTROL_REPORT):
            line = deploy_sql.one_line(sql)
            self.assertNotIn("\n", line)
            self.assertEqual(base().execute(line).fetchall(), base().execute(sql).fetchall())


class Checks(unittest.TestCase):
    def found(self, check, *arguments):
        with mock.patch.object(check_deploy, "problems", []):
            check(*arguments)
            return check_deploy.problems

    def test_files_as_they_are_pass(self):
        self.assertEqual(self.found(check_deploy.as_written, deploy_files.files()), [])

    def test_an_edited_or_foreign_file_is_named(self):
        files = deploy_files.files()
        files["pkg/kandji/audit.sh"] += "# edited\n"
        del files["pkg/kandji/info.json"]
        self.assertEqual(self.found(check_deploy.as_written, files), [
            "pkg/kandji/audit.sh: is not as scripts/deploy_files.py writes it", "pkg/kandji/info.json: is written by nobody"])

    def test_what_a_script_may_not_have_is_named(self):
        for line in ("defaults read x y", "x=$(plutil -p x)", "true && rm -f x", "/usr/bin/python3 x", "eval x", "cd ~",
                     "case x in\na) cat x ;;\nesac", "printf x | sed s/a/b/", "if grep -q a b; then exit 1; fi"):
            files = deploy_files.files()
            files["pkg/kandji/audit.sh"] += line + "\n"
            with self.subTest(line=line):
                found = [problem for problem in self.found(check_deploy.style, files) if "kandji/audit" in problem]
                self.assertTrue(found)

    def test_another_guard_is_named(self):
        files = deploy_files.files()
        files["pkg/mosyle/command.sh"] = files["pkg/mosyle/command.sh"].replace(" ! -perm -0020", "")
        found = self.found(check_deploy.style, files)
        self.assertIn("pkg/mosyle/command.sh: does not begin as every script does", found)

    def test_headings_become_anchors(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text("# The script's variables\n## What [it](x.md) is: `a_b`\n```\n# no heading\n```\n")
            self.assertEqual(check_deploy.anchors(page), {"the-scripts-variables", "what-it-is-a_b"})


if __name__ == "__main__":
    unittest.main()
