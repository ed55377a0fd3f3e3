#!/usr/bin/env python3
"""Inside the rig: the daemon killed with SIGKILL, life after life, with tools that are real processes and some of them slow.

    lives.py SEED KILLS OUT     keeps what the last life may be judged by in OUT/boots.json

Each life finds one setting set back and a start of the Mac to sign out after. Exits 1, saying why, where something is wrong."""

import atexit
import json
import os
import pathlib
import plistlib
import random
import signal
import subprocess
import sys
import time

STATE = pathlib.Path("/private/sim/mac.json")
LEDGER = pathlib.Path("/Library/Logs/Holdfast/compliance.ndjson")
UPDATE = "/Library/Preferences/com.apple.SoftwareUpdate.plist"
# What is set back, one after the other: file, key, strong and weak value, and who holds it.
SETTINGS = (
    (UPDATE, "ConfigDataInstall", True, False, "update_config_data"),
    (UPDATE, "CriticalUpdateInstall", True, False, "update_security_responses"),
    (UPDATE, "AutomaticDownload", True, False, "update_download"),
    (UPDATE, "AutomaticallyInstallMacOSUpdates", True, False, "update_install_macos"),
    ("/Library/Preferences/com.apple.commerce.plist", "AutoUpdate", True, False, "update_app_store"),
    ("/Library/Preferences/com.apple.screensaver.plist", "loginWindowIdleTime", 1200, 0, "screen_lock_login_window_idle"),
)
# How long a tool may go on after the agent was killed: the slowest one here takes far less.
STRAY = 10.0


def no(*why):
    sys.exit("\n".join(map(str, why)))


def lines():
    found = []
    for line in LEDGER.read_bytes().split(b"\n") if LEDGER.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            pass
    return found


def read(path):
    return plistlib.loads(pathlib.Path(path).read_bytes())


def values():
    return {key: read(path).get(key) for path, key, *_ in SETTINGS}


def replace(path, raw):
    beside = pathlib.Path(f"{path}.new")
    beside.write_bytes(raw)
    beside.chmod(0o644)
    beside.rename(path)


def start_anew(boots, setting):
    """A new boot session, with its user logged in; and a setting that somebody has set back meanwhile."""
    state = json.loads(STATE.read_text())
    trust, hardware = state["jamf_trust"], state["hardware"]
    boots.append((hardware["boot_session"], trust["delivered"]))
    head, _, tail = hardware["boot_session"].rpartition("-")
    hardware["boot_session"] = f"{head}-{int(tail, 16) + 1:012X}"
    trust.update(delivered=[], vpn="Connected")
    replace(STATE, json.dumps(state, indent=2).encode())
    path, key, _, weak, _ = setting
    replace(path, plistlib.dumps(read(path) | {key: weak}))


def start():
    """The daemon, in a session of its own, which its tools belong to as well. It ends with this program, however that ends."""
    with open("/private/sim/out/daemon.err", "ab") as said:
        daemon = subprocess.Popen(["holdfast", "daemon"], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                  start_new_session=True)
    atexit.register(daemon.kill)
    return daemon


def strays(session):
    """The processes of a session that live."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().split(" (", 1)[1].rsplit(") ", 1)
        except OSError:
            continue
        state, _, _, its_session = rest.split()[:4]
        if int(its_session) == session and state not in "ZX":
            found.append(f"{stat.parent.name} {name}")
    return found


def until(is_so, what, limit=60.0, now=lambda: ""):
    """Waits until it is so. Returns for how long, in seconds."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > limit:
            no(f"{what}: not within {limit} s; {now()}; the last line is {lines()[-1:]}")
        time.sleep(0.005)
    return time.monotonic() - began


def ended(boot):
    """Whether the sign-out of that boot session is at its end."""
    ends = ("confirmed", "unconfirmed", "given_up")
    return lambda: any(line.get("stage") in ends and line["boot"] == boot for line in lines())


def main(seed, kills, out):
    chance = random.Random(seed)
    boots, met = [], {"tools": 0, "passes": 0, "sign-outs": 0}
    # A calm first life tells how long one is. In the boot session that the schedule is first seen in nobody is signed out.
    daemon = start()
    until(lambda: any(line["event"] == "run_ended" for line in lines()), "the first pass")
    daemon.terminate()
    daemon.wait()
    start_anew(boots, SETTINGS[0])
    daemon = start()
    boot = json.loads(STATE.read_text())["hardware"]["boot_session"]
    length = until(ended(boot), "the first sign-out")
    daemon.terminate()
    daemon.wait()
    longest = 0.0
    for n in range(kills):
        start_anew(boots, SETTINGS[n % len(SETTINGS)])
        had, before = len(lines()), values()
        daemon = start()
        if n % 2:
            # Any moment of the life, or one of its sign-out.
            time.sleep(chance.uniform(0, 1.1 * length))
        else:
            until(lambda: any(line.get("stage") == "requested" for line in lines()[had:]), f"life {n}: the sign-out")
            time.sleep(chance.uniform(0, 0.4))
        daemon.kill()
        if daemon.wait() != -signal.SIGKILL:
            no(f"life {n}: ended by itself with {daemon.returncode}")
        met["tools"] += bool(strays(daemon.pid))
        longest = max(longest, until(lambda: not strays(daemon.pid), f"life {n}: the end of its tools", STRAY,
                                     lambda: strays(daemon.pid)))
        new = lines()[had:]
        now = values()
        for _, key, _, _, control in SETTINGS:
            said = any(line["event"] == "intends" and line["control"] == control for line in new)
            if before[key] != now[key] and not said:
                no(f"life {n}: {key} went from {before[key]} to {now[key]} without a word")
        last = [line["event"] for line in new if line["event"] in ("run_started", "run_ended")][-1:]
        met["passes"] += last == ["run_started"]
        stages = [line["stage"] for line in new if line["event"] == "sign_out"]
        met["sign-outs"] += stages[-1:] in (["requested"], ["delivered"])
        # The next opening of the ledger. What it looks at only a person can set.
        opened = subprocess.run(["holdfast", "enforce", "--control", "secure_boot"], capture_output=True, text=True)
        if opened.returncode != 2 or opened.stderr:
            no(f"life {n}: a run after it: {opened}")
        verified = subprocess.run(["holdfast", "log", "verify"], capture_output=True, text=True)
        if verified.returncode != 0:
            no(f"life {n}: {verified.stdout}{verified.stderr}")
    start_anew(boots, SETTINGS[0])
    daemon = start()
    boot = json.loads(STATE.read_text())["hardware"]["boot_session"]
    until(ended(boot), "the last sign-out")
    strong = {key: value for _, key, value, _, _ in SETTINGS}
    until(lambda: values() == strong, "the last life", now=values)
    daemon.terminate()
    if daemon.wait() != 0:
        no(f"the last life ended with {daemon.returncode}")
    boots.append((boot, json.loads(STATE.read_text())["jamf_trust"]["delivered"]))
    pathlib.Path(out, "boots.json").write_text(json.dumps(boots))
    print(f"{kills} kills, {met['tools']} with a tool running (the longest went on for {longest:.1f} s), "
          f"{met['passes']} in passes, {met['sign-outs']} in sign-outs")
    if min(met.values()) == 0:
        no("no kill fell into one of these")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
