"""Two builds of the program side by side: run both the same way, and say where they differ."""

import json
import os
import pathlib
import plistlib
import re
import signal
import subprocess

# What no two runs have in common. The replaced texts keep their kind, so that a time where a number was is a difference, and a
# time keeps its zone.
UNLIKE = [
    (re.compile(r"\b\d{8}T\d{9}Z-\d+"), "RUN"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?"), "TIME"),
    (re.compile(r'"(prev|last|hash|head)": ?"[0-9a-f]{64}"'), r'"\1":"HASH"'),
    (re.compile(r'"((?:Last[A-Za-z]*)?Epoch|awake_ms|epoch|pid)": ?\d+'), r'"\1":NUMBER'),
    (re.compile(r"\.tmp[0-9A-Za-z]{6}\b"), ".tmpRANDOM"),
    (re.compile(r"holdfast-sim-[0-9A-Za-z]{6}\b"), "holdfast-sim-RANDOM"),
]

LIMIT = 120


def alike(text, own=""):
    """The text without what differs from run to run, and without the side's own folder."""
    if own:
        text = text.replace(own, "DIR")
    for pattern, put in UNLIKE:
        text = pattern.sub(put, text)
    return text


class Result:
    """How a program ended and what it printed."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


class Side:
    """One build, with a folder of its own. The folders' paths are equally long, so that lines wrap alike."""

    def __init__(self, name, prefix, folder, env):
        self.name, self.prefix, self.folder, self.env = name, prefix, pathlib.Path(folder), env
        self.folder.mkdir(parents=True)

    def fill(self, argument):
        return argument.replace("@DIR@", str(self.folder))

    def start(self, args, env=None, **more):
        return subprocess.Popen(
            self.prefix + [self.fill(a) for a in args], env={**self.env, **(env or {})}, cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **more)

    def run(self, args, stdin=b"", env=None):
        """Runs to the end; a program that hangs is killed with all that it started, and has status None."""
        process = self.start(args, env, stdin=subprocess.PIPE)
        try:
            out, err = process.communicate(stdin, LIMIT)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            status = None
        return Result(status, out.decode(errors="backslashreplace"), err.decode(errors="backslashreplace"))

    def alike(self, text):
        return alike(text, str(self.folder))


def content(path, side):
    """What a file says: a property list by its values, anything else as text."""
    raw = path.read_bytes()
    try:
        value = plistlib.loads(raw)
    except Exception:
        return side.alike(raw.decode(errors="backslashreplace"))
    kind = "binary list " if raw.startswith(b"bplist") else "XML list "
    return kind + side.alike(json.dumps(value, indent=1, default=str))


def tree(folder, side):
    """Everything below a folder: kind, mode and content by path."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        name = side.alike(str(path.relative_to(folder)))
        mode = oct(path.lstat().st_mode)
        if path.is_symlink():
            found[name] = (mode, os.readlink(path))
        else:
            found[name] = (mode, content(path, side) if path.is_file() else "")
    return found


def lines_apart(one, other):
    """The first lines in which two texts differ, or nothing."""
    if one == other:
        return []
    one, other = one.splitlines(), other.splitlines()
    for n in range(max(len(one), len(other))):
        a = one[n] if n < len(one) else "(no such line)"
        b = other[n] if n < len(other) else "(no such line)"
        if a != b:
            return [f"line {n + 1}: {a[:400]!r}", f"{'and':>8} {b[:400]!r}"]
    return ["they differ in their line ends"]


def trees_apart(one, other):
    """Where two trees differ."""
    said = []
    for name in sorted(one.keys() | other.keys()):
        if name not in one or name not in other:
            said.append(f"{name}: only in the {'first' if name in one else 'second'}")
        elif one[name] != other[name]:
            said.append(f"{name}: mode {one[name][0]} and {other[name][0]}")
            said += lines_apart(one[name][1], other[name][1])
    return said


def results_apart(one, other, sides):
    """Where two results differ."""
    said = []
    if one.status != other.status:
        said.append(f"status {one.status} and {other.status}")
    for stream in ("out", "err"):
        apart = lines_apart(sides[0].alike(getattr(one, stream)), sides[1].alike(getattr(other, stream)))
        said += [f"std{stream}, {line}" for line in apart]
    return said
