"""What check_workflows.py finds, and what it lets be."""

import sys
import unittest

sys.dont_write_bytecode = True
from check_workflows import workflow_faults  # noqa: E402

GOOD = """
on: push
permissions:
  contents: read
jobs:
  one:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@v4
      - name: Say it
        run: |
          name=${{ matrix.name }}
          echo "$name"
"""


class Workflows(unittest.TestCase):
    def faults(self, old="", new=""):
        self.assertIn(old, GOOD)
        return list(workflow_faults(GOOD.replace(old, new)))

    def test_a_good_one_has_none(self):
        self.assertEqual(self.faults(), [])

    def test_each_fault_is_named(self):
        for old, new, word in (
                ('echo "$name"', 'echo "$name" $1', "SC2086"),
                ('echo "$name"', 'echo "$name', "SC1"),
                ('echo "$name"', 'cd "$name"\n          exit 0', ""),
                ("checkout@v4", "checkout@main", "pinned"),
                ("    timeout-minutes: 5\n", "", "without end"),
                ("    runs-on: ubuntu-latest\n", "", "nowhere"),
                ("contents: read", "contents: write", "permissions"),
                ("    timeout-minutes: 5\n", "    timeout-minutes: 5\n    permissions: write-all\n", "of its own"),
                ("on: push", "on: pull_request_target", "strangers"),
                ("on: push\n", "", "starts"),
                ("matrix.name", "github.event.pull_request.title", "somebody else's"),
                ("matrix.name", "github.head_ref", "somebody else's"),
                ("        run: |", "        shell: python\n        run: |", "shell python"),
                ("- uses: actions/checkout@v4", "- name: nothing", "neither"),
        ):
            faults = self.faults(old, new)
            if word:
                self.assertTrue(any(word in fault for fault in faults), f"{new}: {faults}")
            else:
                self.assertEqual(faults, [], new)

    def test_no_jobs_are_a_fault(self):
        self.assertEqual(list(workflow_faults("on: push\npermissions: {contents: read}\n")), ["has no jobs"])


if __name__ == "__main__":
    unittest.main()
