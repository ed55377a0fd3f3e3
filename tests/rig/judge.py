#!/usr/bin/env python3
"""What tests/rig.sh asks about simulated Macs, reports and ledgers. Exits 1, saying why, where the answer is no."""

import datetime
import json
import pathlib
import plistlib
import shutil
import subprocess
import sys

KEPT = ("Applications", "Library/LaunchDaemons", "Library/Managed Preferences", "Library/Preferences", "Library/Scripts",
        "Users", "private/etc", "private/var/db")
DISRUPTIVE = ("firewall_block_all", "filevault_key_destroyed_on_standby")


def no(*why):
    sys.exit("\n".join(map(str, why)))


def mac(folder):
    """State and preference files: a property list by its value, anything else by its bytes."""
    folder = pathlib.Path(folder)
    found = {"mac.json": json.loads((folder / "mac.json").read_text())}
    for kept in KEPT:
        for path in sorted((folder / kept).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                raw = path.read_bytes()
                try:
                    value = plistlib.loads(raw)
                except Exception:
                    value = raw
                found[str(path.relative_to(folder))] = value
    return found


def differences(one, other, at=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if key not in one or key not in other:
                yield f"{at}/{key}: only in the {'first' if key in one else 'second'}"
            else:
                yield from differences(one[key], other[key], f"{at}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, pair in enumerate(zip(one, other)):
            yield from differences(*pair, f"{at}/{n}")
    elif one != other or type(one) is not type(other):
        yield f"{at}: {one!r} and {other!r}"


def same(one, other):
    """Whether two Macs are the same, files included."""
    found = list(differences(mac(one), mac(other)))
    if found:
        no(*found)


def differ(one, other):
    """Whether two Macs are not the same."""
    if not list(differences(mac(one), mac(other))):
        no(f"{one} and {other} are the same")


def reports(one, other):
    """Whether two reports agree control by control."""
    states = [[(c["id"], c["state"]) for c in json.loads(pathlib.Path(f).read_text())["controls"]] for f in (one, other)]
    if not states[0]:
        no(f"{one} has no controls")
    found = [f"{a} and {b}" for a, b in zip(*states) if a != b]
    if found or len(states[0]) != len(states[1]):
        no(f"{len(states[0])} and {len(states[1])} controls", *found)


def states(report, *wanted):
    """Whether a report has these controls in these states: ID=STATE, or ID=STATE:PART OF WHAT WAS SEEN."""
    controls = {c["id"]: c for c in json.loads(pathlib.Path(report).read_text())["controls"]}
    for one in wanted:
        control, state = one.split("=", 1)
        state, _, seen = state.partition(":")
        found = controls[control]
        if found["state"] != state or seen not in found["seen"]:
            no(f"{control}: expected {state} {seen!r}, found {found['state']} {found['seen']!r}")


def seen(one, other):
    """Whether two reports have the same to say of every control: what the Mac's tools answered."""
    told = [{c["id"]: [c["state"], c["seen"]] for c in json.loads(pathlib.Path(f).read_text())["controls"]}
            for f in (one, other)]
    found = list(differences(*told))
    if found or not told[0]:
        no(f"{one} has {len(told[0])} controls", *found)


def became(report, usual, *others):
    """Whether a report of restore has the usual word for all settings, but for the controls with another: ID=WORD. Prints
    how many settings there are."""
    settings = json.loads(pathlib.Path(report).read_text())["settings"]
    wanted = dict(one.split("=", 1) for one in others)
    found = [f"{s['control']}, {s['setting']}: {s['became']}, {s['why']}" for s in settings
             if s["became"] != wanted.get(s["control"], usual)]
    missing = wanted.keys() - {s["control"] for s in settings}
    if found or missing or not settings:
        no(f"{len(settings)} settings, none of {sorted(missing)}", *found)
    print("settings:", len(settings))


def count(report, state):
    """How many controls of a report are in that state."""
    print(json.loads(pathlib.Path(report).read_text())["counts"][state])


def value(file, *keys):
    """A value in a JSON file, by the keys that lead to it."""
    found = json.loads(pathlib.Path(file).read_text())
    for key in keys:
        found = found[int(key)] if isinstance(found, list) else found[key]
    print(json.dumps(found))


def policy(file, level="3", *others):
    """Writes a policy that enforces the disruptive controls too, and others. The sign-out script is none of the former: what
    it is moved to bears the time, so no two runs are alike."""
    path = pathlib.Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    controls = {control: {"Mode": "enforce"} for control in DISRUPTIVE + others}
    path.write_bytes(plistlib.dumps({"Level": int(level), "Controls": controls}))
    path.chmod(0o644)


def edit(folder, text):
    """Runs Python on a Mac's state, called `mac`."""
    path = pathlib.Path(folder) / "mac.json"
    state = json.loads(path.read_text())
    exec(text, {"mac": state})
    path.write_text(json.dumps(state, indent=2) + "\n")


def lines(ledger):
    """The ledger's lines in order; what a crash cut short is passed over."""
    folder = pathlib.Path(ledger)
    for path in sorted(folder.glob("compliance.0*.ndjson")) + [folder / "compliance.ndjson"]:
        for line in path.read_bytes().split(b"\n") if path.is_file() else []:
            try:
                yield json.loads(line)
            except ValueError:
                pass


def announced(ledger):
    """The commands of each *Intends* line, and whether its control was then seen fixed."""
    found = []
    for line in lines(ledger):
        if line["event"] == "intends":
            found.append([line["control"], [change["argv"] for change in line["changes"]], False])
        elif line["event"] == "fixed" and found and found[-1][0] == line["control"]:
            found[-1][2] = True
    return found


def intends(ledger):
    """How many *Intends* lines a ledger has."""
    print(len(announced(ledger)))


def events(ledger, event):
    """How many lines of that event a ledger has."""
    print(sum(line["event"] == event for line in lines(ledger)))


def signed_out(ledger, boots, log):
    """Whether nobody was signed out twice for one start of the Mac, nor has a line too many or too few in the log. `boots` has
    to whom requests were delivered in each boot session."""
    steps = [line for line in lines(ledger) if line["event"] == "sign_out"]
    total = 0
    for boot, delivered in json.loads(pathlib.Path(boots).read_text()):
        for user in {line["user"] for line in steps} | set(delivered):
            stages = [line["stage"] for line in steps if (line["boot"], line["user"]) == (boot, user)]
            handed = delivered.count(user)
            total += handed
            asked_again = any(then == "requested" and now in ("requested", "delivered", "confirmed")
                              for now, then in zip(stages, stages[1:]))
            if handed > 1 or asked_again or not stages.count("delivered") <= handed <= stages.count("requested"):
                no(f"{boot}, {user}: handed over {handed} times", stages)
    local = [datetime.datetime.fromisoformat(line["time"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
             for line in steps if line["stage"] == "delivered"]
    written = [" ".join(line.split()[8:10]) for line in pathlib.Path(log).read_text().splitlines()]
    if not local or sorted(local) != sorted(written):
        no("delivered by the ledger and by the log:", local, written)
    print(f"{total} sign-outs, {len(written)} lines")


def snapshot(folder, place):
    folder, place = pathlib.Path(folder), pathlib.Path(place)
    place.mkdir(parents=True)
    shutil.copy(folder / "mac.json", place)
    for kept in KEPT:
        if (folder / kept).is_dir():
            shutil.copytree(folder / kept, place / kept)


def replay(ledger, here, place):
    """Inside the rig: runs the announced commands one by one, and keeps the Mac as it is before each and at the end."""
    commands = [argv for _, argvs, _ in announced(ledger) for argv in argvs]
    snapshot(here, f"{place}/0")
    for n, argv in enumerate(commands, 1):
        if argv[0] == "as-user":
            # As the agent starts it in that user's session.
            argv = ["/bin/launchctl", "asuser", argv[1], "/Library/Holdfast/bin/holdfast", *argv]
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        snapshot(here, f"{place}/{n}")
    pathlib.Path(place, "commands.json").write_text(json.dumps(commands))


def lawful(ledger, folder, place):
    """Whether everything that changed on a Mac was announced: it is as some replayed command left it that the last
    *Intends* line covers. Prints how many commands were run, of how many."""
    commands = json.loads(pathlib.Path(place, "commands.json").read_text())
    said = announced(ledger)
    flat = [argv for _, argvs, _ in said for argv in argvs]
    if flat != commands[: len(flat)]:
        no("other changes were announced than in an undisturbed run:", *flat)
    least = len(flat) - (len(said[-1][1]) if said and not said[-1][2] else 0)
    now = mac(folder)
    for n in range(least, len(flat) + 1):
        if not list(differences(now, mac(f"{place}/{n}"))):
            print(n, len(commands))
            return
    no(f"the Mac is not as any of the announced commands {least} to {len(flat)} leaves it:",
       *differences(mac(f"{place}/{len(flat)}"), now))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
