#!/usr/bin/env python3
"""What tests/rig/deploy.sh does with the files for MDMs.

    deploy.py run PKG OUT NAME     inside the rig: runs every script under every shell, with an environment that means ill, and
                                   keeps what came, what `holdfast fact` says and the state file, as OUT/NAME.{json,plist}
    deploy.py munki PKG OUT        inside the rig: the Munki condition, on folders and links of each kind
    deploy.py spoil HOW            inside the rig: makes the state file old, hostile and so on
    deploy.py judge STATE OUT NAME outside: whether everything said what it must; exits 1, saying where it did not
"""

import json
import os
import pathlib
import plistlib
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import deploy_files
import deploy_sql

STATUS = pathlib.Path(deploy_sql.STATUS)
BINARY = pathlib.Path(deploy_sql.BINARY)
EVIL = pathlib.Path("/private/evil")
MUNKI = pathlib.Path("/Library/Managed Installs")

# How a script is started. What bash and zsh read before a script's first line, when they are not sh, no script can prevent:
# there they get a PATH that means ill, and no start-up file.
SHELLS = {
    "itself": ([], True),
    "dash": (["/usr/bin/dash"], True),
    "bash": (["/bin/bash"], False),
    "posix bash": (["/bin/bash", "--posix"], False),
    "zsh": (["/usr/bin/zsh", "-f"], False),
}

# A program of every name that a script might mean, found first where PATH is believed.
FAKES = ("holdfast", "printf", "test", "[", "true", "tr", "defaults", "plutil", "cat", "echo", "sh", "env")

# The words for what each state must look like. A count of 1 stands for any above none.
WANTED = {
    "absent": {"compliance_state": "not_installed", "failing_count": "-1", "agent_health": "not_installed"},
    "never_run": {"compliance_state": "never_run", "failing_controls": "never_run", "failing_count": "-2",
                  "agent_health": "never_run"},
    "compliant": {"compliance_state": "compliant", "failing_controls": "none", "failing_count": "0", "agent_health": "ok"},
    "drifted": {"compliance_state": "drifted", "failing_count": "1", "agent_health": "ok"},
    "stale": {"compliance_state": "stale", "failing_controls": "stale", "failing_count": "-2", "agent_health": "stale"},
    "unreadable": {"compliance_state": "unreadable", "failing_controls": "unreadable", "failing_count": "-2",
                   "agent_health": "unreadable"},
}
# What `holdfast audit` must exit with.
AUDITS = {"never_run": 2, "compliant": 0, "drifted": 1, "stale": 2, "unreadable": 2}
# Which Fleet policies pass: installed, reporting, compliant, nothing contested.
PASSES = {"absent": "----", "never_run": "+---", "compliant": "++++", "drifted": "++-+", "stale": "+---", "unreadable": "+---"}


def ill():
    """An environment that means ill, and the file that shows whether any of it was run."""
    shutil.rmtree(EVIL, ignore_errors=True)
    EVIL.mkdir(parents=True)
    ran = EVIL / "ran"
    for name in FAKES:
        (EVIL / name).write_text(f"#!/bin/bash\necho {name} >>{ran}\nexit 0\n")
        (EVIL / name).chmod(0o755)
    for name in ("rc", ".zshenv", ".profile"):
        (EVIL / name).write_text(f": >>{ran}\n")
    plain = {"PATH": str(EVIL), "CDPATH": str(EVIL), "IFS": "o/", "TMPDIR": str(EVIL), "HOME": str(EVIL)}
    # A function that bash takes from its environment, as macOS's sh does, which is bash.
    plain["BASH_FUNC_printf%%"] = f"() {{ echo function >>{ran}; }}"
    return plain, {**plain, "ENV": str(EVIL / "rc"), "BASH_ENV": str(EVIL / "rc"), "ZDOTDIR": str(EVIL)}, ran


def lines(path):
    return path.read_text().split() if path.exists() else []


def start(argv, environment):
    done = subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, cwd="/")
    return {"status": done.returncode, "out": done.stdout.decode(), "err": done.stderr.decode()}


def scripts(package):
    names = [name for name, text in deploy_files.files().items() if text.startswith("#!")]
    return {name.removeprefix("pkg/"): pathlib.Path(package) / name.removeprefix("pkg/") for name in names}


def run(package, out, name):
    plain, hostile, ran = ill()
    found = {"facts": {}, "ran": {}, "shells": [], "fakes": [], "files": {}}
    if BINARY.is_file() and not BINARY.is_symlink():
        for fact, _, _ in deploy_files.FACTS:
            found["facts"][fact] = start([str(BINARY), "fact", fact], {})
        found["audit"] = start([str(BINARY), "audit"], {})
    for shell, (argv, trusting) in SHELLS.items():
        if argv and not pathlib.Path(argv[0]).exists():
            continue
        found["shells"].append(shell)
        for script, path in scripts(package).items():
            # The two that change something have checks of their own.
            if script not in ("munki/holdfast", "kandji/remediation.sh"):
                found["ran"][f"{script} under {shell}"] = start([*argv, str(path)], hostile if trusting else plain)
    found["fakes"] = lines(ran)
    # What osquery's table `file` has of them.
    for path in (BINARY, STATUS):
        if os.path.lexists(path):
            link = path.is_symlink()
            seen = os.stat(path) if path.exists() else os.lstat(path)
            found["files"][str(path)] = {"type": "regular" if stat.S_ISREG(seen.st_mode) else "other", "symlink": int(link),
                                         "uid": seen.st_uid, "mode": f"{stat.S_IMODE(seen.st_mode):04o}"}
    out = pathlib.Path(out)
    if STATUS.is_file():
        shutil.copy(STATUS, out / f"{name}.plist")
    (out / f"{name}.json").write_text(json.dumps(found, indent=1))


def spoil(how):
    if how == "link_state":
        STATUS.rename(STATUS.with_suffix(".moved"))
        STATUS.symlink_to(STATUS.with_suffix(".moved"))
        return
    if how == "others":
        STATUS.chmod(0o666)
        return
    if how == "alice":
        os.chown(STATUS, 501, 20)
        return
    if how == "cut":
        STATUS.write_bytes(STATUS.read_bytes()[:200])
        return
    with STATUS.open("rb") as file:
        content = plistlib.load(file)
    if how in ("old", "future"):
        at = content["LastRunEpoch"] + (86400 if how == "future" else -100 * 86400)
        content["LastRunEpoch"] = at
        content["LastRunTime"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    elif how == "hostile":
        for key, value in content.items():
            if isinstance(value, str):
                content[key] = f"{value}</result>\n<result>compliant\x1b[2J; rm -rf / $(id) `id` %s%n -e"
    else:
        sys.exit(f"spoil {how}?")
    with STATUS.open("wb") as file:
        # XML has no control characters; a binary property list does.
        plistlib.dump(content, file, fmt=plistlib.FMT_BINARY if how == "hostile" else plistlib.FMT_XML)


# Stand-ins for two tools of macOS: they do what the condition asks of them, on the files that it names.
DEFAULTS = """#!/usr/bin/python3
import pathlib, plistlib, sys
verb, domain, key, *rest = sys.argv[1:]
path = pathlib.Path(domain + ".plist")
content = plistlib.loads(path.read_bytes()) if path.exists() else {}
if verb == "read":
    if key not in content:
        sys.exit(1)
    print(content[key])
else:
    kind, value = rest
    content[key] = {"-string": str, "-int": int}[kind](value)
    path.write_bytes(plistlib.dumps(content, fmt=plistlib.FMT_BINARY))
"""
PLUTIL = """#!/usr/bin/python3
import pathlib, plistlib, sys
assert sys.argv[1:3] == ["-convert", "xml1"]
path = pathlib.Path(sys.argv[3])
path.write_bytes(plistlib.dumps(plistlib.loads(path.read_bytes())))
"""


def munki(package, out):
    for path, text in (("/usr/bin/defaults", DEFAULTS), ("/usr/bin/plutil", PLUTIL)):
        pathlib.Path(path).unlink(missing_ok=True)
        pathlib.Path(path).write_text(text)
        pathlib.Path(path).chmod(0o755)
    plain, hostile, ran = ill()
    precious = pathlib.Path("/private/precious.plist")
    precious.write_text("precious")
    items = MUNKI / "ConditionalItems.plist"
    result = {}

    def go(name, argv=()):
        result[name] = start([*argv, str(pathlib.Path(package) / "munki/holdfast")], hostile if not argv else plain)
        result[name]["items"] = plistlib.loads(items.read_bytes()) if items.is_file() and not items.is_symlink() else None
        result[name]["xml"] = items.is_file() and items.read_bytes().startswith(b"<?xml")

    go("no Munki")
    MUNKI.mkdir(parents=True)
    items.symlink_to(precious)
    go("a link for the file")
    items.unlink()
    MUNKI.rmdir()
    MUNKI.symlink_to("/private")
    go("a link for the folder")
    MUNKI.unlink()
    MUNKI.mkdir()
    for shell, (argv, _) in SHELLS.items():
        if argv and not pathlib.Path(argv[0]).exists():
            continue
        items.unlink(missing_ok=True)
        go(f"under {shell}", argv)
    elsewhere = pathlib.Path("/private/munki")
    elsewhere.mkdir()
    preferences = pathlib.Path("/Library/Preferences/ManagedInstalls.plist")
    preferences.parent.mkdir(parents=True, exist_ok=True)
    preferences.write_bytes(plistlib.dumps({"ManagedInstallDir": str(elsewhere)}))
    items.unlink(missing_ok=True)
    items = elsewhere / "ConditionalItems.plist"
    go("a folder of its own")
    preferences.write_bytes(plistlib.dumps({"ManagedInstallDir": "munki"}))
    items.unlink()
    go("a relative folder")
    BINARY.rename(BINARY.with_suffix(".away"))
    preferences.unlink()
    items = MUNKI / "ConditionalItems.plist"
    items.unlink(missing_ok=True)
    go("no agent")
    result["precious"] = precious.read_text()
    result["fakes"] = lines(ran)
    (pathlib.Path(out) / "munki.json").write_text(json.dumps(result, indent=1))


def database(found, plist):
    """The tables as osquery fills them: every value of a property list is text, nested ones have a path in `subkey`."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE plist (key TEXT, subkey TEXT, value TEXT, path TEXT)")
    base.execute("CREATE TABLE file (path TEXT, type TEXT, symlink INTEGER, uid BIGINT, mode TEXT)")
    base.execute("CREATE TABLE time (unix_time INTEGER)")
    base.execute("INSERT INTO time VALUES (?)", (int(time.time()),))

    def fill(key, subkey, value):
        if isinstance(value, dict) and value:
            for name, inner in value.items():
                fill(key, f"{subkey}/{name}".lstrip("/"), inner)
        elif isinstance(value, list) and value:
            for number, inner in enumerate(value):
                fill(key, f"{subkey}/{number}".lstrip("/"), inner)
        else:
            text = "" if isinstance(value, (dict, list)) else str(int(value)) if isinstance(value, bool) else str(value)
            base.execute("INSERT INTO plist VALUES (?, ?, ?, ?)", (key, subkey, text, deploy_sql.STATUS))

    if plist.is_file():
        try:
            content = plistlib.loads(plist.read_bytes())
        except Exception:
            content = {}
        for key, value in content.items():
            fill(key, "", value)
    for path, seen in found["files"].items():
        base.execute("INSERT INTO file VALUES (?, ?, ?, ?, ?)",
                     (path, seen["type"], seen["symlink"], seen["uid"], seen["mode"]))
    return base


def is_count(wanted, seen):
    return seen.isdigit() and int(seen) > 0 if wanted == "1" else seen == wanted


def judge_scripts(state, found, wrong):
    facts = {name: kind for name, kind, _ in deploy_files.FACTS}
    if "zsh" not in found["shells"] or "bash" not in found["shells"] or "dash" not in found["shells"]:
        wrong.append(f"only these shells are here: {found['shells']}")
    if found["fakes"]:
        wrong.append(f"was run from the hostile PATH or a start-up file: {sorted(set(found['fakes']))}")
    said = {name: answer["out"].removesuffix("\n") for name, answer in found["facts"].items()}
    for name, answer in found["facts"].items():
        if answer["status"] or answer["err"] or "\n" in said[name] or not said[name]:
            wrong.append(f"holdfast fact {name}: {answer}")
    audit = found["audit"]["status"] if "audit" in found else 1
    if audit != AUDITS.get(state, 1):
        wrong.append(f"holdfast audit: {found['audit']}")
    for name in facts:
        said.setdefault(name, "-1" if facts[name] == "Integer" else "not_installed")
    for name, word in WANTED[state].items():
        if not (is_count(word, said[name]) if facts[name] == "Integer" else said[name] == word):
            wrong.append(f"{name} is {said[name]}, wanted: {word}")
    if not found["ran"]:
        wrong.append("no script was run")
    for name, seen in found["ran"].items():
        script = name.split(" under ")[0]
        engine, fact = script.removesuffix(".sh").split("/")
        status, text = 0, said.get(fact)
        if script in ("kandji/audit.sh", "intune/compliance.sh"):
            status = 0 if audit == 0 else 1
            text = f"compliance_state: {said['compliance_state']}"
            if state != "absent":
                text += f"\nfailing_controls: {said['failing_controls']}"
        elif script in ("jumpcloud/command.sh", "mosyle/command.sh"):
            status = audit
            text = "\n".join(f"{one}: {said[one]}" for one in facts)
            if state == "absent":
                text = "compliance_state: not_installed"
        elif facts[fact] == "Date" and engine == "intune":
            status = 0 if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text) else 1
        elif facts[fact] == "Date" and engine == "workspace-one":
            text = text.replace(":", "").replace("-", "")
        if (seen["status"], seen["out"], seen["err"]) != (status, text + "\n", ""):
            wrong.append(f"{name}: wanted status {status} and {text!r}, got {seen}")
        if re.search(r"[^A-Za-z0-9_.,:+ \n-]", seen["out"]):
            wrong.append(f"{name}: says {seen['out']!r}")
        if engine == "workspace-one" and re.search(r'[/\\"*:;<>?|]', seen["out"]):
            wrong.append(f"{name}: has a character that Workspace ONE refuses: {seen['out']!r}")
    return said


def judge_queries(state, found, plist, said, wrong):
    base = database(found, plist)
    passes = "".join("+" if base.execute(sql).fetchall() else "-" for _, _, _, sql in deploy_sql.POLICIES)
    if passes != PASSES[state]:
        wrong.append(f"Fleet policies: {passes}, wanted {PASSES[state]}")
    pack = json.loads((deploy_files.ROOT / "pkg/osquery/holdfast.conf").read_text())["queries"]
    for where, sql in (("Fleet", deploy_sql.STATE_REPORT), ("pack", pack["state"]["query"])):
        cursor = base.execute(sql)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row)) for row in cursor]
        if len(rows) != 1:
            wrong.append(f"{where}: state: {len(rows)} rows")
            continue
        for name in ("compliance_state", "failing_controls", "unknown_controls", "contested_controls"):
            # The program sorts the ids; the file has them in the catalogue's order.
            if sorted(rows[0][name].split(",")) != sorted(said[name].split(",")):
                wrong.append(f"{where}: {name} is {rows[0][name]!r}, and holdfast fact says {said[name]!r}")
        if any("<" in str(value) or "\x1b" in str(value) for value in rows[0].values()):
            wrong.append(f"{where}: {rows[0]}")
    for where, sql in (("Fleet", deploy_sql.CONTROL_REPORT), ("pack", pack["controls"]["query"])):
        rows = dict(base.execute(sql).fetchall())
        if state in ("compliant", "drifted"):
            drifted = sorted(name for name, word in rows.items() if word == "drifted")
            if len(rows) < 20 or (",".join(drifted) or "none") != ",".join(sorted(said["failing_controls"].split(","))):
                wrong.append(f"{where}: controls: {rows}")
        elif rows:
            wrong.append(f"{where}: controls of a Mac that is {state}: {rows}")


def judge(state, out, name):
    out, wrong = pathlib.Path(out), []
    found = json.loads((out / f"{name}.json").read_text())
    said = judge_scripts(state, found, wrong)
    judge_queries(state, found, out / f"{name}.plist", said, wrong)
    if wrong:
        # One mistake in the program or the guard is one in every run.
        sys.exit("\n".join([*wrong[:5], f"{len(wrong)} in all"]))
    print(f"{len(found['ran'])} runs under {', '.join(found['shells'])}")


def judge_munki(out, state):
    seen, wrong = json.loads((pathlib.Path(out) / "munki.json").read_text()), []
    if seen.pop("precious") != "precious":
        wrong.append("it wrote through a link")
    if fakes := seen.pop("fakes"):
        wrong.append(f"was run from the hostile PATH or a start-up file: {fakes}")
    for name, one in seen.items():
        if name in ("no Munki", "a link for the file", "a link for the folder", "a relative folder"):
            good = one["status"] == 1 and one["items"] is None
        else:
            wanted = WANTED["absent" if name == "no agent" else state]
            items = one["items"] or {}
            good = (one["status"] == 0 and one["xml"] and items.get("holdfast_compliance_state") == wanted["compliance_state"]
                    and isinstance(items.get("holdfast_failing_count"), int)
                    and is_count(wanted["failing_count"], str(items["holdfast_failing_count"]))
                    and items.get("holdfast_agent_health") == wanted["agent_health"] and len(items) == 5)
        if not good or one["err"]:
            wrong.append(f"{name}: {one}")
    if wrong:
        sys.exit("\n".join(wrong))
    print(", ".join(seen))


if __name__ == "__main__":
    {"run": run, "munki": munki, "spoil": spoil, "judge": judge, "judge_munki": judge_munki}[sys.argv[1]](*sys.argv[2:])
