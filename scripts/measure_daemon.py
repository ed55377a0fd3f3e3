#!/usr/bin/env python3
"""Measures the daemon inside the rig; run by scripts/measure-daemon."""

import json
import os
import plistlib
import re
import signal
import statistics
import subprocess
import sys
import time

AGENT = "/Library/Holdfast/bin/holdfast"
LEDGER = "/Library/Logs/Holdfast/compliance.ndjson"
UPDATES = "/Library/Preferences/com.apple.SoftwareUpdate.plist"
SWITCHES = {
    "AutomaticCheckEnabled": "update_check",
    "AutomaticDownload": "update_download",
    "AutomaticallyInstallMacOSUpdates": "update_install_macos",
    "CriticalUpdateInstall": "update_security_responses",
    "ConfigDataInstall": "update_config_data",
}
# How long anything may take before the measurement is given up, in seconds.
LIMIT = 60
# How long the daemon is left alone before something is measured, in seconds.
QUIET = 3


def lines(start=0):
    """The ledger's whole lines from byte `start` on, and where they end."""
    try:
        with open(LEDGER, "rb") as ledger:
            ledger.seek(start)
            text = ledger.read()
    except FileNotFoundError:
        return [], start
    whole = text[: text.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()], start + len(whole)


def wait_for(wanted, start):
    """The first line from byte `start` on that is wanted."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        found, start = lines(start)
        for line in found:
            if wanted(line):
                return start
        time.sleep(0.001)
    sys.exit(f"nothing of the kind was on record within {LIMIT} s")


def begin():
    """Starts the daemon and waits for the end of its first pass."""
    daemon = subprocess.Popen([AGENT, "daemon"])
    wait_for(lambda line: line["event"] == "run_ended", 0)
    time.sleep(QUIET)
    return daemon


def end(daemon):
    daemon.send_signal(signal.SIGTERM)
    began = time.monotonic()
    status = daemon.wait(LIMIT)
    if status != 0:
        sys.exit(f"the daemon ended with status {status}")
    return time.monotonic() - began


def drift():
    daemon = begin()
    for key, control in SWITCHES.items():
        with open(UPDATES, "rb") as file:
            content = plistlib.load(file)
        if content.get(key) is not True:
            sys.exit(f"{key} is not on to begin with")
        content[key] = False
        _, start = lines()
        with open(UPDATES + ".new", "wb") as file:
            plistlib.dump(content, file, fmt=plistlib.FMT_BINARY)
        began = time.monotonic()
        os.rename(UPDATES + ".new", UPDATES)
        wait_for(lambda line: line["event"] == "fixed" and line["control"] == control, start)
        print(f"{control} {time.monotonic() - began:.4f}", flush=True)
        time.sleep(QUIET)
    end(daemon)


def sum_up():
    times = sorted(float(line.split()[1]) for line in sys.stdin)
    print(f"{len(times)} tries, write to fixed: median {statistics.median(times):.3f} s, "
          f"least {times[0]:.3f} s, worst {times[-1]:.3f} s")


def used(pid):
    """CPU ticks of the process and of its children, context switches of all its threads, and its memory in KiB."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    own, children = (sum(map(int, fields[n : n + 2])) for n in (11, 13))
    switches = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status") as status:
            switches += sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", status.read())))
    with open(f"/proc/{pid}/status") as status:
        text = status.read()
    resident, peak = (int(re.search(rf"{name}:\s+(\d+)", text)[1]) for name in ("VmRSS", "VmHWM"))
    return own, children, switches, resident, peak


def idle(seconds):
    daemon = begin()
    _, start = lines()
    tick = os.sysconf("SC_CLK_TCK")
    before = used(daemon.pid)
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    after = used(daemon.pid)
    own, children = ((after[n] - before[n]) / tick for n in (0, 1))
    runs = [line for line in lines(start)[0] if line["event"] == "run_started"]
    print(f"over {took:.0f} s, in which {len(runs)} passes ran:")
    print(f"  CPU of the daemon {own:.2f} s ({own / took:.4%}), of its tools {children:.2f} s")
    print(f"  context switches of all its threads {after[2] - before[2]}")
    print(f"  resident memory {after[3] / 1024:.1f} MiB, at its highest {after[4] / 1024:.1f} MiB")
    if not runs and children:
        sys.exit("tools ran between the passes")
    print(f"  SIGTERM to its end {end(daemon):.2f} s")


def main():
    match sys.argv[1:]:
        case ["drift"]:
            drift()
        case ["sum"]:
            sum_up()
        case ["idle", seconds]:
            idle(float(seconds))
        case other:
            sys.exit(f"not a measurement: {other}")


main()
