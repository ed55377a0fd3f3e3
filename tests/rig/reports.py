#!/usr/bin/env python3
"""Runs the extension attributes and the commands behind them inside the rig, in every state that a Mac can be in, and compares
each answer with the one it must be. Run by tests/rig/reports.sh."""

import datetime
import itertools
import os
import plistlib
import re
import shutil
import stat
import struct
import subprocess
import sys

AGENT = "/Library/Holdfast/bin/holdfast"
FOLDER = "/Library/Application Support/Holdfast"
STATE = f"{FOLDER}/status.plist"
EVIL = "/private/sim/out/evil"
STRING, INTEGER, DATE = "String", "Integer", "Date"
FACTS = {
    "compliance_state": STRING, "failing_controls": STRING, "failing_count": INTEGER, "unknown_controls": STRING,
    "contested_controls": STRING, "last_run": DATE, "last_sign_out": DATE, "agent_health": STRING,
    "bootstrap_token": STRING, "exemption_count": INTEGER, "agent_version": STRING,
}
AGELESS = ("last_run", "last_sign_out", "agent_version")
SHELLS = {"sh": ["/bin/sh"], "bash --posix": ["/bin/bash", "--posix"], "bash": ["/bin/bash"], "zsh": ["/usr/bin/zsh"], "as it is": []}
HOSTILE = [
    "</result>", "compliant</result><result>compliant", "a\nb", "\n", "'", '"', "$(touch %s)" % EVIL, "`touch %s`" % EVIL,
    "; touch %s" % EVIL, "%s%n", "*", "firewall_on,*", "-e", "\u202e\u2028", "x" * 4000, "</string></dict></plist>",
    "]]>", "&amp;", "compliant ", " compliant", "none,none", "stale\\n",
]
WRONG = [True, 1.5, b"x", datetime.datetime(2026, 1, 1), [], {}, ["a"], {"a": 1}, -1, 2**62, 1001]

# Where the shell makes no difference each state has another one.
TURN = itertools.cycle(SHELLS)

failures = 0
answers = 0


def fail(text):
    global failures
    failures += 1
    if failures <= 20:
        print(text)


def all_say(strings, integers, dates=""):
    """What every fact says where there is one word for all of a type."""
    return {name: {STRING: strings, INTEGER: integers, DATE: dates}[kind] for name, kind in FACTS.items()}


def local(epoch):
    return datetime.datetime.fromtimestamp(epoch - 5 * 3600, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def of(state):
    """What every fact must say of a good state."""
    ids = lambda key: "\n".join(sorted(state[key].split(","))) if state[key] else "none"
    signed_out = state["LastSignOutEpoch"]
    return {
        "compliance_state": state["State"], "failing_controls": ids("DriftedControls"), "failing_count": str(state["Drifted"]),
        "unknown_controls": ids("UnknownControls"), "contested_controls": ids("ContestedControls"),
        "last_run": local(state["LastRunEpoch"]), "last_sign_out": local(signed_out) if signed_out else "",
        "agent_health": "bad_policy" if state["PolicyProblems"] else "ok", "bootstrap_token": state["BootstrapToken"],
        "exemption_count": str(state["Exempt"]), "agent_version": state["AgentVersion"],
    }


def ask(what, expected, shells=SHELLS, environment=None, user=None):
    """Every script under every shell. With an environment of its own a shell may complain of that before it reads the script."""
    global answers
    for shell in shells:
        for name in FACTS:
            argv = [*SHELLS[shell], f"/private/sim/out/jamf/holdfast-{name}.sh"]
            if user is not None:
                argv = ["/usr/bin/setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *argv]
            ran = subprocess.run(argv, capture_output=True, env=environment, cwd="/", stdin=subprocess.DEVNULL, timeout=60)
            answers += 1
            complaints = b"" if environment else ran.stderr
            if (ran.returncode, ran.stdout, complaints) != (0, f"<result>{expected[name]}</result>\n".encode(), b""):
                fail(f"{what}, {shell}, {name}: expected {expected[name]!r}, got status {ran.returncode}, "
                     f"{ran.stdout[:300]!r}, {ran.stderr[:300]!r}")
    if os.path.lexists(EVIL):
        fail(f"{what}: something was executed")
        os.unlink(EVIL)


def bare(what, expected):
    """The same by `fact` and `audit`."""
    for name, kind in FACTS.items():
        ran = subprocess.run([AGENT, "fact", name], capture_output=True, text=True, timeout=60)
        wanted = expected[name].replace("\n", ",")
        said = ran.stdout.removesuffix("\n")
        good = said == wanted if kind != DATE else re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ" if wanted else "never|never_run|unreadable", said)
        if (ran.returncode, ran.stderr) != (0, "") or not good:
            fail(f"{what}, fact {name}: expected {wanted!r}, got {said!r} {ran.stderr!r}, status {ran.returncode}")
    status = {"compliant": 0, "drifted": 1}.get(expected["compliance_state"], 2)
    ran = subprocess.run([AGENT, "audit"], capture_output=True, text=True, timeout=60)
    if ran.returncode != status or ran.stderr or ran.stdout.count("\n") != 1:
        fail(f"{what}, audit: expected status {status}, got {ran.returncode}: {ran.stdout!r} {ran.stderr!r}")


def put(state):
    with open(STATE, "wb") as file:
        plistlib.dump(state, file)
    os.chmod(STATE, 0o644)


def restore():
    """The state file and its folder as an agent leaves them."""
    for path in (STATE, FOLDER):
        if os.path.islink(path) or os.path.exists(path) and not stat.S_ISDIR(os.lstat(path).st_mode):
            os.unlink(path)
        elif os.path.isdir(path):
            shutil.rmtree(path)
    os.makedirs(FOLDER)
    os.chown(FOLDER, 0, 0)
    os.chmod(FOLDER, 0o755)


def moved(state, seconds):
    at = state["LastRunEpoch"] + seconds
    text = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {**state, "LastRunEpoch": at, "LastRunTime": text}


def states(good):
    """Good states, and those that are not."""
    unreadable = all_say("unreadable", "-2")
    never_run = all_say("never_run", "-2")
    restore()
    ask("never run", never_run)
    bare("never run", never_run)
    os.rmdir(FOLDER)
    ask("no folder", never_run)
    bare("no folder", never_run)
    restore()

    contested = {**good, "State": "drifted", "Compliant": good["Compliant"] - 2, "Drifted": 2, "Contested": 1,
                 "DriftedControls": "firewall_on,filevault_on", "ContestedControls": "firewall_on"}
    unknown = {**good, "State": "unknown", "Unknown": 1, "UnknownControls": "secure_boot", "BootstrapToken": "unknown"}
    bad_policy = {**good, "State": "bad_policy", "PolicyProblems": 3}
    signed_out = {**good, "LastSignOutTime": "2026-01-05T06:07:08.900Z", "LastSignOutEpoch": 1767593228}
    for what, state in {"compliant": good, "contested": contested, "unknown": unknown, "bad policy": bad_policy,
                        "signed out": signed_out, "nearly stale": moved(good, -86000)}.items():
        put(state)
        ask(what, of(state))
        ask(f"{what}, as a user", of(state), ["sh"], user=501)
        bare(what, of(state))
    for what, state in {"stale": moved(good, -90000), "from the future": moved(good, 3600), "from 1971": moved(good, 40000000 - good["LastRunEpoch"])}.items():
        put(state)
        stale = {name: value if name in AGELESS else all_say("stale", "-2")[name] for name, value in of(state).items()}
        ask(what, stale)
        bare(what, stale)

    for text in HOSTILE:
        put({key: text if isinstance(value, str) else value for key, value in good.items()})
        ask(f"every string is {text[:40]!r}", unreadable, [next(TURN)])
        bare(f"every string is {text[:40]!r}", unreadable)
        texts = {key: value for key, value in good.items() if isinstance(value, str)}
        put({**good, **{key: text for key in texts if key not in ("Simulated", "LastRunTime")}})
        expected = {name: of(good)[name] if name in ("failing_count", "last_run", "exemption_count") else value
                    for name, value in unreadable.items()}
        # A count is believed only beside a list that agrees with it.
        ask(f"every other string is {text[:40]!r}", {**expected, "failing_count": "-2", "exemption_count": "-2"}, [next(TURN)])
    for value in WRONG:
        put({key: value if isinstance(old, int) else old for key, old in good.items()})
        ask(f"every integer is {value!r}", unreadable, [next(TURN)])
        put({key: value for key in good})
        ask(f"everything is {value!r}", unreadable, [next(TURN)])
    # Each key by itself, where only the form of the answer is known.
    forms = {STRING: r"[A-Za-z0-9_.+\n-]+", INTEGER: r"-2|\d+", DATE: r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)?"}
    for key in good:
        for value in (HOSTILE[1], -1):
            put({**good, key: value})
            for name, kind in FACTS.items():
                ran = subprocess.run([AGENT, "ea", name], capture_output=True, text=True, timeout=60)
                said = re.fullmatch(r"<result>(.*)</result>\n", ran.stdout, re.S)
                if ran.returncode or ran.stderr or not said or not re.fullmatch(forms[kind], said[1]):
                    fail(f"{key} is {value!r:.40}, {name}: {ran.stdout[:200]!r} {ran.stderr[:200]!r}")

    put(good)
    with open(STATE, "rb") as file:
        bytes_of = file.read()
    # As good as the file itself, and still not it.
    shutil.copy(STATE, "/private/sim/out/elsewhere")
    shutil.copytree(FOLDER, "/private/sim/out/folder", dirs_exist_ok=True)

    def spoil(what, how):
        restore()
        put(good)
        how()
        ask(what, unreadable, [next(TURN)])
        bare(what, unreadable)

    def instead(make):
        os.unlink(STATE)
        make()

    def written(content):
        with open(STATE, "wb") as file:
            file.write(content)

    def folder_link():
        shutil.rmtree(FOLDER)
        os.symlink("/private/sim/out/folder", FOLDER)

    spoil("a link", lambda: instead(lambda: os.symlink("/private/sim/out/elsewhere", STATE)))
    spoil("a link to nothing", lambda: instead(lambda: os.symlink("/nowhere", STATE)))
    spoil("a named pipe", lambda: instead(lambda: os.mkfifo(STATE)))
    spoil("a folder", lambda: instead(lambda: os.mkdir(STATE)))
    spoil("a device", lambda: instead(lambda: os.mknod(STATE, 0o644 | stat.S_IFCHR, os.makedev(1, 5))))
    spoil("writable by its group", lambda: os.chmod(STATE, 0o664))
    spoil("writable by all", lambda: os.chmod(STATE, 0o646))
    spoil("a user's", lambda: os.chown(STATE, 501, 20))
    spoil("empty", lambda: written(b""))
    spoil("cut", lambda: written(bytes_of[: len(bytes_of) // 2]))
    spoil("more than 1 MiB", lambda: written(bytes_of + b"\n" * (1 << 20)))
    spoil("100 MiB", lambda: os.truncate(STATE, 100 << 20))
    spoil("binary", lambda: written(plistlib.dumps(good, fmt=plistlib.FMT_BINARY)))
    spoil("a folder for its group", lambda: os.chmod(FOLDER, 0o775))
    spoil("a user's folder", lambda: os.chown(FOLDER, 501, 20))
    spoil("a linked folder", folder_link)
    restore()
    put(good)
    above = os.path.dirname(FOLDER)
    os.chmod(above, 0o777)
    ask("a folder above for all", unreadable, ["sh"])
    os.chmod(above, 0o755)
    os.chmod(FOLDER, 0o700)
    ask("a folder that the user may not read", unreadable, [next(TURN)], user=501)
    os.chmod(FOLDER, 0o755)
    os.chmod(STATE, 0o600)
    ask("a file that the user may not read", unreadable, [next(TURN)], user=501)
    ask("a file that root alone may read", of(good))
    restore()
    put(good)


def no_agent(good):
    """No program to ask, or none to trust: a fixed word. Each time with one there that would like to be run."""
    absent = all_say("not_installed", "-1")
    folder = os.path.dirname(AGENT)
    kept = "/Library/Holdfast/kept"

    def spoil(what, how, undo):
        os.rename(AGENT, kept)
        with open(AGENT, "w") as file:
            file.write(f"#!/bin/sh\ntouch {EVIL}\necho '<result>compliant</result>'\n")
        os.chmod(AGENT, 0o755)
        how()
        ask(what, absent, SHELLS if how is remove else [next(TURN)])
        undo()
        if os.path.isdir(AGENT) and not os.path.islink(AGENT):
            os.rmdir(AGENT)
        elif os.path.lexists(AGENT):
            os.unlink(AGENT)
        os.rename(kept, AGENT)

    nothing = lambda: None
    remove = lambda: os.unlink(AGENT)

    def link():
        os.unlink(AGENT)
        os.symlink(kept, AGENT)

    def directory():
        os.unlink(AGENT)
        os.mkdir(AGENT)

    def pipe():
        os.unlink(AGENT)
        os.mkfifo(AGENT, 0o755)

    spoil("no program", remove, nothing)
    spoil("the program is a link", link, nothing)
    spoil("the program is a folder", directory, nothing)
    spoil("the program is a pipe", pipe, nothing)
    spoil("the program is not executable", lambda: os.chmod(AGENT, 0o644), nothing)
    spoil("the program is its group's to write", lambda: os.chmod(AGENT, 0o775), nothing)
    spoil("the program is everybody's to write", lambda: os.chmod(AGENT, 0o757), nothing)
    spoil("the program is a user's", lambda: os.chown(AGENT, 501, 20), nothing)
    for above in ("/", "/Library", "/Library/Holdfast", folder):
        for how in ("chmod", "chown"):
            change = (lambda: os.chmod(above, 0o775)) if how == "chmod" else (lambda: os.chown(above, 501, 0))
            spoil(f"{how} {above}", change, lambda: (os.chmod(above, 0o755), os.chown(above, 0, 0)))
    os.rename(folder, "/Library/Holdfast/moved")
    ask("no folder of the program", absent)
    os.symlink("/Library/Holdfast/moved", folder)
    ask("the folder of the program is a link", absent)
    os.unlink(folder)
    os.rename("/Library/Holdfast/moved", folder)

    # A program that says something else.
    garbled = all_say("unreadable", "-2")
    os.rename(AGENT, kept)
    for line in ["", "echo '<result>compliant</result><result>compliant</result>'", "echo compliant", "echo '<result>compliant'",
                 "echo 'compliant</result>'", "printf '<result>a b</result>'", "printf '<result>\\n</result>'",
                 "printf '<result>a\\n\\nb\\n</result>'", "echo '<result>$(touch %s)</result>'" % EVIL, "exit 1", "kill -9 $$",
                 "echo \"<result>`head -c 300000 /dev/zero | tr '\\0' 'A'`</result>\" | tr A .", "echo '<result></result>'",
                 "echo '<result>-3</result>'", "echo '<result>2026-13</result>'", "echo '<result>2026-01-01 00:00:00 </result>'",
                 "echo x >&2; printf '\\000\\377'"]:
        with open(AGENT, "w") as file:
            file.write(f"#!/bin/sh\n{line}\n")
        os.chmod(AGENT, 0o755)
        ask(f"the program is {line!r}", garbled)
    os.unlink(AGENT)
    os.rename(kept, AGENT)
    ask("the program is back", of(good))


def environments(good):
    """What the environment could have a shell do."""
    bad = "/private/sim/out/bad"
    os.makedirs(bad, exist_ok=True)
    script = f"#!/bin/sh\n/usr/bin/touch {EVIL}\n"
    for name in ("find", "env", "printf", "holdfast", "echo", "test", "[", "profile", ".zshenv", ".zshrc", ".profile"):
        with open(f"{bad}/{name}", "w") as file:
            file.write(script)
        os.chmod(f"{bad}/{name}", 0o755)
    special = ["unset", "set", "export", "exit", "exec", "eval", ":"]
    words = ["echo", "printf", "command", "builtin", "test", "[", "env", "find", "true", "false", "typeset", "local", "declare"]
    environment = {
        "PATH": f"{bad}:.", "CDPATH": bad, "IFS": "</>acdefghijklmnoprstuy_", "TMPDIR": bad, "TZ": f":{bad}/profile",
        "LC_ALL": "tr_TR.UTF-8", "LANG": "C.UTF-8", "PS1": f"$(touch {EVIL})", "PROMPT_COMMAND": f"touch {EVIL}",
        "PS2": f"`touch {EVIL}`", "SHELL": f"{bad}/echo", "OPTIND": "7", "agent": f"{bad}/holdfast", "value": "compliant",
        "answer": "<result>compliant</result>", "safe": "x", "line": "*", "RUST_LOG": "trace", "RUST_BACKTRACE": "full",
        "GLOBIGNORE": "*", "FPATH": bad, "NULLCMD": f"touch {EVIL}", "READNULLCMD": f"touch {EVIL}", "COLUMNS": "1",
    }

    def functions(names):
        return {f"BASH_FUNC_{name}%%": f"() {{ /usr/bin/touch {EVIL}; }}" for name in names}

    for shell in SHELLS:
        own = environment | functions(words + ["/usr/bin/find", "/usr/bin/env", "/usr/bin/printf"])
        # In POSIX mode bash does not even start with a function of a special built-in's name.
        if shell != "bash --posix":
            own |= functions(special)
        # What a shell runs before the first line of any script is nothing that a script can keep it from.
        if shell != "zsh":
            own |= {"ZDOTDIR": bad, "HOME": bad}
        if shell != "bash":
            own |= {"ENV": f"{bad}/profile", "BASH_ENV": f"{bad}/profile"}
        ask("a hostile environment", of(good), [shell], own)
    ask("no environment", of(good), environment={})


def usage():
    """What is asked for wrongly."""
    for argv, status, said in [
        (["ea", "no_such"], 0, "<result>unknown_fact</result>\n"), (["ea"], 0, "<result>unknown_fact</result>\n"),
        (["ea", "a", "b"], 0, "<result>unknown_fact</result>\n"), (["ea", "--no"], 0, "<result>unknown_fact</result>\n"),
        (["ea", "</result>"], 0, "<result>unknown_fact</result>\n"), (["ea", ""], 0, "<result>unknown_fact</result>\n"),
        (["fact", "no_such"], 64, "unknown_fact\n"),
    ]:
        ran = subprocess.run([AGENT, *argv], capture_output=True, text=True, timeout=60)
        if (ran.returncode, ran.stdout, ran.stderr) != (status, said, ""):
            fail(f"{argv}: status {ran.returncode}, {ran.stdout!r}, {ran.stderr!r}")


def main():
    for shell in [name for name, argv in SHELLS.items() if argv and not os.path.exists(argv[0])]:
        if os.environ.get("CI") == "true":
            fail(f"{shell} is not installed")
        print(f"NOT RUN under {shell}, which is not installed")
        del SHELLS[shell]
    # New York's winter all year: local times that differ from UTC.
    zone = b"TZif" + b"\0" * 16 + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", -5 * 3600, 0, 0) + b"EST\0"
    if os.path.lexists("/etc/localtime"):
        os.unlink("/etc/localtime")
    with open("/etc/localtime", "wb") as file:
        file.write(zone)
    os.environ.pop("TZ", None)
    with open(STATE, "rb") as file:
        good = plistlib.load(file)
    if sys.argv[1] == "as it is":
        ask("as it is", of(good))
        bare("as it is", of(good))
        expected = sys.argv[2]
        if good["State"] != expected:
            fail(f"the state is {good['State']}, not {expected}")
    else:
        {"states": states, "no agent": no_agent, "environments": environments, "usage": lambda _: usage()}[sys.argv[1]](good)
    print(f"{answers} answers of scripts under {', '.join(SHELLS)}")
    sys.exit(1 if failures else 0)


main()
