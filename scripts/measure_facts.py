#!/usr/bin/env python3
"""Measures the commands that read the state file. Run by scripts/measure-facts inside the rig."""

import os
import statistics
import subprocess
import sys
import time

AGENT = "/Library/Holdfast/bin/holdfast"
LEDGER = "/Library/Logs/Holdfast/compliance.ndjson"
BYTES = 100_000_000
LIMIT = 10.0
NOTHING = "/usr/bin/true"
COMMANDS = [["--version"], ["ea", "compliance_state"], ["ea", "failing_controls"], ["ea", "last_run"], ["fact", "compliance_state"],
            ["audit"], ["audit", "--json"]]


def run(argv):
    """One run: milliseconds from fork to exit, milliseconds of CPU time, and the exit status."""
    began = time.monotonic()
    if (pid := os.fork()) == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.execv(argv[0], argv)
    _, status, usage = os.wait4(pid, 0)
    took = (time.monotonic() - began) * 1000
    return took, (usage.ru_utime + usage.ru_stime) * 1000, os.waitstatus_to_exitcode(status)


def main():
    runs = int(sys.argv[1])
    subprocess.run([AGENT, "enforce"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    with open(LEDGER, "rb") as file:
        lines = file.read()
    with open(LEDGER, "ab") as file:
        for _ in range(BYTES // len(lines) + 1):
            file.write(lines)
    print(f"a ledger of {os.path.getsize(LEDGER)} bytes; load {os.getloadavg()[0]:.1f}; milliseconds from fork to exit, and of CPU time:")
    print(f"  {'':<28}{'median':>9}{'worst':>10}{'CPU':>9}{'worst':>10}")
    slow = False
    # What a program costs that does nothing is the machine's part.
    for argv in [[NOTHING], *([AGENT, *command] for command in COMMANDS)]:
        found = [run(argv) for _ in range(runs)]
        statuses = {status for *_, status in found}
        expected = {1} if "audit" in argv else {0}
        if statuses != expected:
            sys.exit(f"{argv} ended with {sorted(statuses)}, expected {expected}")
        wall, cpu = (sorted(one[n] for one in found) for n in (0, 1))
        name = " ".join(argv).removeprefix(AGENT).strip()
        print(f"  {name:<28}{statistics.median(wall):>9.2f}{wall[-1]:>10.2f}{statistics.median(cpu):>9.2f}{cpu[-1]:>10.2f}")
        slow |= statistics.median(cpu) >= LIMIT
    sys.exit(1 if slow else 0)


main()
