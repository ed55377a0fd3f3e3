"""The daemon of both builds, on a simulated Mac: signals, file events, a policy that changes."""

import json
import os
import pathlib
import plistlib
import signal
import subprocess
import time

import sides

PATIENCE = 60
# What is edited by hand, each after so many seconds: file, key and control.
EDITS = ((0.2, "com.apple.commerce", "AutoUpdate", "update_app_store"),
         (1, "com.apple.SoftwareUpdate", "ConfigDataInstall", "update_config_data"))


class Trouble(Exception):
    """What went wrong, in words."""


class Daemon:
    """One that runs; killed with all that it started where a check ends early."""

    def __init__(self, side, folder):
        self.side, self.folder = side, side.folder / folder
        args = ["daemon", "--simulate", "hardened", "--sim-dir", str(self.folder)]
        self.process = side.start(args, stdin=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def lines(self):
        path = self.folder / "Library/Logs/Holdfast/compliance.ndjson"
        raw = path.read_bytes() if path.exists() else b""
        return [json.loads(line) for line in raw[:raw.rfind(b"\n") + 1].splitlines()]

    def until(self, what, is_so):
        """Waits until the ledger says so; gives back how many seconds that took."""
        began = time.monotonic()
        while not is_so(self.lines()):
            if self.process.poll() is not None:
                raise Trouble(f"it ended with {self.process.returncode} before {what}: {self.process.stderr.read()}")
            if time.monotonic() - began > PATIENCE:
                raise Trouble(f"{what} does not come; the last lines are {self.lines()[-2:]}")
            time.sleep(0.02)
        return time.monotonic() - began

    def first_pass(self):
        self.until("the first pass", lambda lines: count(lines, "run_ended") > 0)

    def end(self, *signals):
        """Sends the signals; what it printed, and the seconds that it took. It must end in time, with this status."""
        began = time.monotonic()
        for one in signals:
            self.process.send_signal(one)
        try:
            out, err = self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            raise Trouble(f"it does not end within 10 s of {signals}") from None
        return (out + err).decode(), time.monotonic() - began


def count(lines, event, control=None):
    return sum(line["event"] == event and control in (None, line.get("control")) for line in lines)


def put(path, value):
    """Writes a property list as macOS does: beside its place, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(plistlib.dumps(value))
    beside.rename(path)


def well(daemon, because, *signals):
    """Ends it, and sees that it ended well: quiet, in time, on record, with a whole ledger that both builds accept."""
    said, took = daemon.end(*signals)
    if said or daemon.process.returncode != 0:
        raise Trouble(f"status {daemon.process.returncode}, it said {said!r}")
    last = daemon.lines()[-1]
    if (last["event"], last.get("because")) != ("daemon_stopped", because):
        raise Trouble(f"the last line is {last}")
    return took


def mends(side, folder):
    """A file edited by hand is mended after a file event, and the daemon ends at SIGTERM.

    After its first pass the daemon knows who is logged in, and what it listens to begins anew: on macOS that takes a while, which
    the slice gets here too. The first edit falls into it, the second into quiet."""
    with Daemon(side, folder) as daemon:
        daemon.first_pass()
        slowest = 0
        for pause, domain, key, control in EDITS:
            time.sleep(pause)
            path = daemon.folder / f"Library/Preferences/{domain}.plist"
            value = plistlib.loads(path.read_bytes())
            if value[key] is not True:
                raise Trouble(f"{path} is not what is expected: {value}")
            put(path, {**value, key: False})
            took = daemon.until(f"the mend of {key}", lambda lines: count(lines, "fixed", control) > 0)
            if took > 8:
                raise Trouble(f"it took {took:.1f} s to mend {key}")
            if plistlib.loads(path.read_bytes())[key] is not True:
                raise Trouble(f"it says that it mended {key} and did not")
            slowest = max(slowest, took)
        ended = well(daemon, "SIGTERM", signal.SIGTERM)
        return [line["event"] for line in daemon.lines()], f"{slowest:.2f} s to mend, {ended:.2f} s to end"


def reloads(side, folder):
    """SIGHUP ends nothing; a changed policy is read and followed; SIGINT ends the daemon."""
    with Daemon(side, folder) as daemon:
        daemon.first_pass()
        policies = {line.get("policy") for line in daemon.lines()}
        put(daemon.folder / "Library/Managed Preferences/org.holdfast.agent.plist", {"Level": 2})
        daemon.process.send_signal(signal.SIGHUP)
        took = daemon.until("a pass under the new policy",
                            lambda lines: any(line.get("policy") not in policies for line in lines))
        daemon.until("its end", lambda lines: count(lines, "run_ended") > 1)
        daemon.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        if daemon.process.poll() is not None:
            raise Trouble(f"SIGHUP ended it with {daemon.process.returncode}")
        ended = well(daemon, "SIGINT", signal.SIGINT)
        return [line["event"] for line in daemon.lines()], f"{took:.2f} s to follow, {ended:.2f} s to end"


def twice(side, folder):
    """Ctrl-C twice, while it may be at work: it ends at once, and what it leaves is a whole ledger."""
    with Daemon(side, folder) as daemon:
        daemon.until("a first line", lambda lines: lines)
        said, took = daemon.end(signal.SIGINT, signal.SIGINT)
        if daemon.process.returncode not in (0, 1) or "panicked" in said or took > 3:
            raise Trouble(f"status {daemon.process.returncode} after {took:.1f} s, it said {said!r}")
    return [], f"{took:.2f} s to end"


def again(side, folder):
    """A second daemon on the same Mac ends with status 1, and the first goes on."""
    with Daemon(side, folder) as daemon:
        daemon.first_pass()
        second = side.run(["daemon", "--sim-dir", str(daemon.folder)])
        if second.status != 1 or "another daemon runs" not in second.err:
            raise Trouble(f"the second: status {second.status}, {second.err!r}")
        well(daemon, "SIGTERM", signal.SIGTERM)
    return [sides.alike(second.err, str(side.folder)).replace(str(daemon.process.pid), "PID")], ""


def run(checks, both):
    """Every check on both sides: each must do well, and the ledgers have the same events."""
    for number, check in enumerate((mends, reloads, twice, again)):
        name = f"the daemon: {check.__doc__.split('.')[0]}"
        if not checks.wanted(name):
            continue
        said, kept, notes = [], [], []
        folder = f"daemon-{number}"
        for side, other in (both, both[::-1]):
            try:
                events, note = check(side, folder)
                kept.append(events)
                notes.append(note)
                verified = other.run(["log", "verify", "--sim-dir", str(pathlib.Path(side.folder, folder))])
                if verified.status != 0:
                    said.append(f"{side.name}'s ledger, by {other.name}: {verified.out}{verified.err}")
            except Trouble as trouble:
                said.append(f"{side.name}: {trouble}")
        if not said and kept[0] != kept[1]:
            said += sides.lines_apart("\n".join(kept[0]), "\n".join(kept[1]))
        checks.judge(name, said, f" (slice: {notes[-1]})" if notes and notes[-1] else "")
