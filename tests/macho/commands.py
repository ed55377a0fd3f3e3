"""Commands that both builds are given, with the exit status that is right for both."""

import datetime
import plistlib

MACS = ("intel-laptop-14", "arm-laptop-15", "arm-laptop-26", "arm-laptop-27", "arm-desktop-26", "vm-26")
COMMANDS = ("check", "plan", "enforce", "daemon", "status", "schedule", "log", "sign-out", "controls", "explain", "config",
            "doctor", "ea", "fact", "audit", "profile", "uninstall", "interpret")
GOOD = {
    "Level": 2,
    "Controls": {"screen_lock_password_delay": {"MaximumDelay": 0}, "firewall_stealth": {"Mode": "audit"}},
    "SignOut": {"Times": ["07:30"], "NoticeMinutes": 5},
}


def policies():
    """Policy files by name: their bytes, and what `config validate` ends with."""
    deep = b"<array>" * 3000 + b"</array>" * 3000
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">'
    return {
        "good.plist": (plistlib.dumps(GOOD), 0),
        "binary.plist": (plistlib.dumps(GOOD, fmt=plistlib.FMT_BINARY), 0),
        "empty-list.plist": (plistlib.dumps({}), 0),
        "level.plist": (plistlib.dumps({"Level": 9}), 78),
        "type.plist": (plistlib.dumps({"Level": "two"}), 78),
        "key.plist": (plistlib.dumps({"Levle": 2}), 78),
        "control.plist": (plistlib.dumps({"Controls": {"no_such_control": {"Mode": "enforce"}}}), 78),
        "schedule.plist": (plistlib.dumps({"SignOut": {"Times": ["25:99"]}}), 78),
        "array.plist": (plistlib.dumps([1, 2]), 78),
        "nothing.plist": (b"", 78),
        "text.plist": (b"Level = 2\n", 78),
        "cut.plist": (plistlib.dumps(GOOD)[:200], 78),
        "cut-binary.plist": (plistlib.dumps(GOOD, fmt=plistlib.FMT_BINARY)[:60], 78),
        "bytes.plist": (bytes(range(256)) * 16, 78),
        "deep.plist": (head + deep + b"</plist>", 78),
        "odd\u202ename\n.plist": (plistlib.dumps({"Level": 9}), 78),
    }


def profiles():
    """(arguments of `profile`, status)."""
    for preset in ("level-1", "level-2", "level-3"):
        yield ["policy", "--preset", preset], 0
        for macos in ("14", "15", "26", "27"):
            yield ["companion", "--preset", preset, "--macos", macos], 0
            # Of what a declaration could set, macOS 14 has nothing.
            yield ["companion", "--preset", preset, "--macos", macos, "--declarations"], 1 if macos == "14" else 0
    yield ["policy", "--preset", "level-3", "--set", "SignOut.Times=07:30,19:30", "--organization", "Ex\u00e4mple & Co"], 0
    yield ["policy", "--set", "Level=7"], 78
    yield ["policy", "--set", "Nothing=1"], 64
    yield ["policy", "--preset", "level-9"], 64
    yield ["companion", "--macos", "13"], 64
    yield ["service"], 0
    yield ["service", "--team-id", "ABCDE12345", "--organization", "Example"], 0
    yield ["service", "--team-id", "abc"], 64
    requirement = 'identifier "org.holdfast.agent" and anchor apple generic and certificate leaf[subject.OU] = "ABCDE12345"'
    yield ["privacy", "--code-requirement", requirement], 0
    yield ["privacy", "--code-requirement", ""], 64


def garbled(path, word):
    """Turns a state file into what the word says."""
    raw = path.read_bytes()
    state = plistlib.loads(raw)
    days = {"old": -10, "of tomorrow": 1}
    if word in days:
        then = datetime.datetime.fromisoformat(state["LastRunTime"]) + datetime.timedelta(days=days[word])
        text = raw.decode().replace(state["LastRunTime"], then.strftime("%Y-%m-%dT%H:%M:%S.") + state["LastRunTime"][20:])
        path.write_text(text.replace(str(state["LastRunEpoch"]), str(int(then.timestamp()))))
    elif word == "hostile":
        path.write_bytes(raw.replace(b"</string>", b"&lt;/result&gt;\n</string>"))
    elif word == "binary":
        path.write_bytes(plistlib.dumps(state, fmt=plistlib.FMT_BINARY))
    elif word == "cut":
        path.write_bytes(raw[:300])
    elif word == "large":
        path.write_bytes(raw + b"\n" * (2 << 20))
    elif word == "everybody's":
        path.chmod(0o666)
    elif word == "a link":
        path.rename(path.with_name("elsewhere.plist"))
        path.symlink_to("elsewhere.plist")
    elif word in ("gone", "a folder"):
        path.unlink()
        if word == "a folder":
            path.mkdir()


# How the state file stands: a word of garbled, what `fact compliance_state` says of it, what `audit` ends with.
STATES = [("well", "drifted", 1), ("binary", "unreadable", 2), ("old", "stale", 2), ("of tomorrow", "stale", 2),
          ("hostile", "unreadable", 2), ("cut", "unreadable", 2), ("large", "unreadable", 2), ("a link", "unreadable", 2),
          ("everybody's", "unreadable", 2), ("a folder", "unreadable", 2), ("gone", "never_run", 2)]
FACTS = ("compliance_state", "failing_controls", "failing_count", "unknown_controls", "contested_controls", "last_run",
         "last_sign_out", "agent_health", "bootstrap_token", "exemption_count", "agent_version", "firewall_on")


# What tools print, as documented: stream, tool's status, bytes, command line, status of `interpret`.
ANSWERS = [
    ("stdout", 0, b"System Integrity Protection status: enabled.\n", ["csrutil", "status"], 0),
    ("stdout", 0, b"FileVault is On.\n", ["/usr/bin/fdesetup", "status"], 0),
    ("stdout", 0, b"FileVault is Perhaps.\n", ["/usr/bin/fdesetup", "status"], 65),
    ("stdout", 0, b"Firewall is enabled. (State = 1) \n",
     ["/usr/libexec/ApplicationFirewall/socketfilterfw", "--getglobalstate"], 0),
    ("stderr", 0, b"2026-01-01 10:00:00.000 sysadminctl[1:2] screenLock delay is 300 seconds\n",
     ["sysadminctl", "-screenLock", "status"], 0),
    ("stdout", 1, b"\xff\xfe\x00", ["csrutil", "status"], 65),
    ("stdout", 0, b"", ["spctl", "--status"], 65),
    ("stdout", 0, b"ProductName:\t\tmacOS\nProductVersion:\t\t26.2\nBuildVersion:\t\t25C56\n", ["sw_vers"], 0),
    ("stdout", 0, b"x\n", ["no-such-tool"], 65),
]


def prepare(side):
    """Puts the files that the commands below name into a side's folder."""
    (side.folder / "policies").mkdir()
    for name, (raw, _) in policies().items():
        (side.folder / "policies" / name).write_bytes(raw)
    for n, (_, _, raw, _, _) in enumerate(ANSWERS):
        (side.folder / f"answer-{n}").write_bytes(raw)


def plain():
    """(name, arguments, status, standard input) of commands that leave nothing behind."""
    yield "version", ["--version"], 0, b""
    yield "help", ["--help"], 0, b""
    for command in COMMANDS:
        yield f"help of {command}", [command, "--help"], 0, b""
    for args in ([], ["no-such-command"], ["--no-such-option"], ["check", "--level", "4"], ["check", "--level", "x"],
                 ["check", "--simulate", "nobody"], ["check", "--simulate", "neglected@toaster"], ["explain"],
                 ["log", "verify", "--since", "1d"], ["log", "--since", "yesterday", "--simulate", "hardened"],
                 ["check", "--simulate", "hardened", "--control", "no_such_control"], ["interpret", "--", "csrutil"],
                 ["sign-out", "--user", "alice"], ["config", "validate"], ["check", "", "\u202e", "\x1b[31m"],
                 ["uninstall", "--keep-logs", "--remove-logs"], ["fact"], ["profile"], ["profile", "no-such-profile"]):
        yield f"wrong usage: {args}", args, 64, b""
    for args in (["controls"], ["controls", "--json"], ["controls", "--markdown"], ["explain", "firewall_on"],
                 ["explain", "firewall_on", "--json", "--simulate", "neglected"],
                 ["config", "show", "--simulate", "hardened"], ["config", "show", "--json", "--simulate", "neglected"],
                 ["schedule", "--simulate", "hardened"], ["sign-out", "--simulate", "hardened"],
                 ["log", "--simulate", "hardened"]):
        yield " ".join(args), args, 0, b""
    for args, status in profiles():
        yield f"profile {' '.join(args)}", ["profile", *args], status, b""
    yield "facts", ["fact", "--list"], 0, b""
    yield "a fact that there is not", ["fact", "no_such_fact"], 64, b""
    yield "an extension attribute that there is not", ["ea", "no_such_fact"], 0, b""
    yield "audit before any run", ["audit", "--simulate", "neglected"], 2, b""
    yield "doctor of a Mac that was never looked at", ["doctor", "--simulate", "neglected"], 1, b""
    yield "status before any run", ["status", "--simulate", "neglected"], 2, b""
    yield "explain what is not there", ["explain", "no_such_control"], 64, b""
    # To look is possible anywhere and finds everything unknown.
    for command, status in (("check", 2), ("plan", 2), ("enforce", 1), ("daemon", 1)):
        yield f"{command} where there is no Mac", [command], status, b""
    for name, (raw, status) in policies().items():
        for form in ([], ["--json"]):
            args = ["config", "validate", f"@DIR@/policies/{name}", *form]
            yield f"config validate {name!r} {' '.join(form)}", args, status, b""
        yield f"config validate of standard input, {name!r}", ["config", "validate", "-"], status, raw
    yield "config validate of no file", ["config", "validate", "@DIR@/policies/none.plist"], 1, b""
    yield "config validate of a folder", ["config", "validate", "@DIR@/policies"], 1, b""
    for n, (stream, tool_status, raw, argv, status) in enumerate(ANSWERS):
        head = ["interpret", "--status", str(tool_status)]
        yield f"interpret answer {n} to {argv} from a file", [*head, f"--{stream}", f"@DIR@/answer-{n}", "--", *argv], status, b""
        yield f"interpret answer {n} to {argv} from standard input", [*head, f"--{stream}", "-", "--", *argv], status, raw


# Environments that a start must stand, each with what the program is not to take from it.
HOSTILE = {
    "nothing": {},
    "no folders": {"PATH": "", "HOME": "/nowhere", "TMPDIR": "/nowhere", "PWD": "/nowhere"},
    "odd words": {"RUST_LOG": "trace,[{", "RUST_BACKTRACE": "full", "LANG": "tr_TR.UTF-8", "COLUMNS": "-1", "TERM": "\x1b",
                  "NO_COLOR": "0", "CLICOLOR_FORCE": "1", "HOLDFAST": "x" * 60000},
    "a time zone that there is not": {"TZ": "Nowhere/Land"},
    "another time zone": {"TZ": "Europe/Berlin"},
    "libraries to load": {"DYLD_INSERT_LIBRARIES": "/nowhere/lib.dylib", "DYLD_LIBRARY_PATH": "/nowhere",
                          "CFFIXED_USER_HOME": "/nowhere", "MallocStackLogging": "1"},
}
