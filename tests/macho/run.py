"""Runs the x86_64 slice under machrun beside the Linux build, on the same things, and says where they differ.

    run.py --machrun FILE --slice FILE --linux FILE [PATTERN]...

Prints a line for each check and ends with how many passed and failed; exits 1 if any failed or none was run. PATTERNs choose the
checks whose names contain one of them.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

import commands
import daemons
import sides


class Checks:
    """Counts and prints."""

    def __init__(self, patterns):
        self.patterns, self.passed, self.failed = patterns, 0, 0

    def wanted(self, name):
        return not self.patterns or any(pattern in name for pattern in self.patterns)

    def judge(self, name, said, note=""):
        """A check has passed where there is nothing to say against it."""
        name = name.encode("unicode_escape").decode()
        if said:
            self.failed += 1
            print(f"FAIL  {name}", *(line.encode("unicode_escape").decode() for line in said), sep="\n      ", flush=True)
        else:
            self.passed += 1
            print(f"ok    {name}{note}", flush=True)


def ended(results, both, status):
    """What speaks against two results that are to be the same and to have this status. A panic is no way to end."""
    said = sides.results_apart(*results, both)
    if results[0].status != status:
        said.append(f"status {results[0].status}, expected {status}")
    said += ["it panicked" for result in results if "panicked at" in result.err]
    return said


def compare(checks, both, name, args, status, stdin=b"", env=None):
    """Runs the command on both sides."""
    if checks.wanted(name):
        checks.judge(name, ended([side.run(args, stdin, env) for side in both], both, status))


def plain(checks, both):
    for name, args, status, stdin in commands.plain():
        compare(checks, both, name, args, status, stdin)


def hostile(checks, both):
    """In each environment a start, a look and the ledger of a Mac that is there read in local time."""
    for side in both:
        side.run(["enforce", "--simulate", "neglected", "--sim-dir", "@DIR@/hostile"])
    for name, env in commands.HOSTILE.items():
        for args, status in ((["--version"], 0), (["status", "--sim-dir", "@DIR@/hostile"], 2),
                             (["check", "--sim-dir", "@DIR@/hostile"], 2)):
            label = f"an environment with {name}: {args[0]}"
            if not checks.wanted(label):
                continue
            results = [side.run(args, env={**dict.fromkeys(side.env, ""), **env}) for side in both]
            checks.judge(label, ended(results, both, status))


def passes(checks, both):
    """Each world and Mac: looked at, planned and mended twice; what is printed and what is left behind."""
    for world in ("neglected", "factory", "hardened"):
        for mac in commands.MACS:
            name, folder = f"{world}@{mac}", f"{world}-{mac}"
            if not checks.wanted(name):
                continue
            where = ["--simulate", name, "--sim-dir", f"@DIR@/{folder}"]
            expected = 0 if world == "hardened" else 2
            said = []
            for args in (["check"], ["plan"], ["check", "--json"], ["plan", "--json", "--level", "3"], ["enforce"],
                         ["enforce", "--json", "--level", "2"], ["status"], ["status", "--json"], ["log"], ["log", "--json"],
                         ["schedule", "--json"], ["doctor"]):
                results = [side.run([*args, *where]) for side in both]
                status = expected if args[0] in ("check", "plan", "enforce", "status") else 0
                said += [f"{' '.join(args)}: {line}" for line in ended(results, both, status)]
            trees = [sides.tree(side.folder / folder, side) for side in both]
            said += sides.trees_apart(*trees)
            if not any(path.endswith("compliance.ndjson") for path in trees[0]):
                said.append("there is no ledger to compare")
            checks.judge(name, said)


def facts(checks, both):
    """Every fact, with the state file in each way in which it can stand."""
    if not checks.wanted("the state file"):
        return
    for side in both:
        side.run(["enforce", "--simulate", "neglected", "--sim-dir", "@DIR@/facts"])
    for word, state, audit in commands.STATES:
        for side in both:
            shutil.copytree(side.folder / "facts", side.folder / "state" / word)
            path = side.folder / "state" / word / "Library/Application Support/Holdfast/status.plist"
            commands.garbled(path, word)
        where, said = ["--sim-dir", f"@DIR@/state/{word}"], []
        for args, status in [(["audit"], audit), (["audit", "--json"], audit)] + [
                ([command, fact], 0) for fact in commands.FACTS for command in ("fact", "ea")]:
            results = [side.run([*args, *where]) for side in both]
            said += [f"{' '.join(args)}: {line}" for line in ended(results, both, status)]
            if args == ["fact", "compliance_state"] and results[0].out != f"{state}\n":
                said.append(f"compliance_state is {results[0].out!r}, expected {state}")
        checks.judge(f"the state file is {word}: every fact, and audit", said)


def ledgers(checks, both):
    """What one build wrote the other reads, goes on with, and finds tampered with."""
    for writer, reader in (both, both[::-1]):
        name = f"the ledger that {writer.name} wrote, read by {reader.name}"
        if not checks.wanted(name):
            continue
        said = []
        where = ["--sim-dir", f"{writer.folder}/ledger"]

        def expect(side, args, status):
            result = side.run([*args, *where])
            if result.status != status:
                said.append(f"{side.name} {' '.join(args)}: status {result.status}, expected {status}; {result.err}{result.out}")

        expect(writer, ["enforce", "--simulate", "neglected"], 2)
        expect(reader, ["log", "verify"], 0)
        expect(reader, ["enforce"], 2)
        expect(writer, ["log", "verify"], 0)
        expect(writer, ["enforce", "--level", "3"], 2)
        expect(reader, ["log", "verify"], 0)
        path = writer.folder / "ledger/Library/Logs/Holdfast/compliance.ndjson"
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:5] + [lines[5].replace(b'"found"', b'"fOund"')] + lines[6:]))
        expect(reader, ["log", "verify"], 65)
        expect(writer, ["log", "verify"], 65)
        path.write_bytes(b"".join(lines[:-1]))
        expect(reader, ["log", "verify"], 65)
        checks.judge(name, said, f" ({len(lines)} lines)")


def moved(checks, both, slide):
    """The slice loaded elsewhere, and with every import demanded: it does what it does at its own place."""
    for name, env in (("loaded elsewhere", {"MACHRUN_SLIDE": slide}), ("with every import there", {"MACHRUN_STRICT": "1"})):
        compare(checks, both, f"{name}: enforce", ["enforce", "--simulate", "neglected", "--json"], 2, env=env)
        compare(checks, both, f"{name}: a policy nested without end",
                ["config", "validate", "@DIR@/policies/deep.plist"], 78, env=env)


def main():
    parser = argparse.ArgumentParser()
    for option in ("--machrun", "--slice", "--linux"):
        parser.add_argument(option, required=True, type=pathlib.Path)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    options = parser.parse_args()
    checks = Checks(options.patterns)
    with tempfile.TemporaryDirectory() as work:
        # The sides' own folders, for what a simulation without --sim-dir keeps.
        env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/", "TZ": "UTC0", "TMPDIR": work}
        linux = sides.Side("linux", [str(options.linux.resolve())], f"{work}/linux", env)
        program = [str(options.machrun.resolve()), str(options.slice.resolve())]
        both = (linux, sides.Side("slice", program, f"{work}/slice", env))
        for side in both:
            commands.prepare(side)
        plain(checks, both)
        moved(checks, both, "7770000")
        hostile(checks, both)
        passes(checks, both)
        facts(checks, both)
        ledgers(checks, both)
        daemons.run(checks, both)
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(checks.failed > 0 or checks.passed == 0)


if __name__ == "__main__":
    main()
