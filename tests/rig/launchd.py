#!/usr/bin/env python3
"""Inside the rig: /bin/launchctl with a launchd behind it, for the agent's own job. Everything else goes to the simulated one.

The job is kept by a process of its own, which ends with the rig. Files in /private/launchd say what is not as usual:
    owner       the process that the rig ends with; there always
    throttle    the seconds between two starts, instead of the property list's
    refusals    how many more times a job is refused, as while the last one is cleared away
    draining    where it is there, bootout does not wait
    disabled    where it is there, the job was switched off
Modelled on launchctl's recorded wordings and launchd.plist(5); nothing here is proof of what a Mac does."""

import json
import os
import pathlib
import plistlib
import signal
import stat
import subprocess
import sys
import time

LABEL = "org.holdfast.agent"
TARGET = f"system/{LABEL}"
HOME = pathlib.Path("/private/launchd")
JOB = HOME / "job.json"
SIMULATED = "/private/wrapped/launchctl"
KNOWN = {"Label", "Program", "ProgramArguments", "KeepAlive", "ThrottleInterval", "ProcessType", "LowPriorityIO",
         "ExitTimeOut", "Umask", "StandardOutPath", "StandardErrorPath"}
CONFIGURATION = 78


def ended(status, *lines):
    print(*lines, sep="\n", file=sys.stderr)
    sys.exit(status)


def number(name, otherwise):
    try:
        return float((HOME / name).read_text())
    except FileNotFoundError:
        return otherwise


def load(path):
    """The job that the property list describes; None where launchd would not have it."""
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
            return None
        with open(path, "rb") as file:
            job = plistlib.load(file)
    except (OSError, plistlib.InvalidFileException, ValueError):
        return None
    if set(job) - KNOWN:
        sys.exit(f"launchd.py: it does not know {set(job) - KNOWN}")
    return job


class Keeper:
    """Keeps the job as launchd would."""

    def __init__(self, path, job):
        self.path, self.job = path, job
        self.child, self.runs, self.last = None, 0, None
        self.stopping = False

    def record(self, state):
        found = {"path": self.path, "job": self.job, "state": state, "pid": self.child and self.child.pid,
                 "runs": self.runs, "last": self.last, "keeper": os.getpid()}
        beside = JOB.with_suffix(".new")
        beside.write_text(json.dumps(found))
        beside.rename(JOB)

    def spawn(self):
        job = self.job
        arguments = job.get("ProgramArguments") or [job["Program"]]
        program = job.get("Program") or arguments[0]
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        umask = job.get("Umask", 0o022)
        umask = int(umask, 8) if isinstance(umask, str) else umask
        self.runs += 1
        try:
            os.umask(umask)
            out, err = (os.open(job.get(key, "/dev/null"), flags, 0o666) for key in ("StandardOutPath", "StandardErrorPath"))
            self.child = subprocess.Popen(
                arguments, executable=program, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd="/", umask=umask,
                start_new_session=True, env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "XPC_SERVICE_NAME": job["Label"]})
            os.close(out)
            os.close(err)
        except OSError:
            self.child, self.last = None, CONFIGURATION
        self.record("running" if self.child else "spawn scheduled")

    def reap(self):
        """Whether the job has ended. What it leaves of its process group goes with it."""
        if self.child is None:
            return True
        if self.child.poll() is None:
            return False
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.last, self.child = self.child.returncode, None
        return True

    def owner_is_gone(self):
        return not pathlib.Path("/proc", (HOME / "owner").read_text().strip()).exists()

    def end(self):
        if self.child is not None and self.child.poll() is None:
            self.record("SIGTERMed")
            self.child.terminate()
            limit = time.monotonic() + self.job.get("ExitTimeOut", 20)
            while not self.reap() and time.monotonic() < limit:
                time.sleep(0.05)
            if not self.reap():
                self.child.kill()
                self.child.wait()
                (HOME / "killed").touch()
        self.reap()
        JOB.unlink()

    def keep(self):
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopping", True))
        throttle = number("throttle", self.job.get("ThrottleInterval", 10))
        started = time.monotonic()
        self.spawn()
        while not self.stopping and not self.owner_is_gone():
            if self.reap():
                waits = self.job.get("KeepAlive") is not True
                if not waits and time.monotonic() - started >= throttle:
                    started = time.monotonic()
                    self.spawn()
                else:
                    self.record("not running" if waits else "spawn scheduled")
            time.sleep(0.05)
        self.end()


def bootstrap(path):
    if os.getuid() != 0:
        ended(5, "Bootstrap failed: 5: Input/output error", "Try re-running the command as root for richer errors.")
    refusals = number("refusals", 0)
    if refusals >= 1:
        (HOME / "refusals").write_text(str(refusals - 1))
    job = load(path)
    if job is None or JOB.exists() or refusals >= 1 or (HOME / "disabled").exists():
        ended(5, "Bootstrap failed: 5: Input/output error")
    if os.fork() == 0:
        os.setsid()
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        Keeper(path, job).keep()
        os._exit(0)
    while not JOB.exists():
        time.sleep(0.01)


def bootout():
    if os.getuid() != 0:
        ended(1, "Boot-out failed: 1: Operation not permitted")
    if not JOB.exists():
        ended(3, "Boot-out failed: 3: No such process")
    os.kill(json.loads(JOB.read_text())["keeper"], signal.SIGTERM)
    if (HOME / "draining").exists():
        ended(36, "Boot-out failed: 36: Operation now in progress")
    while JOB.exists():
        time.sleep(0.02)


def show():
    try:
        found = json.loads(JOB.read_text())
    except FileNotFoundError:
        ended(113, "Bad request.", f'Could not find service "{LABEL}" in domain for system')
    job, pid, last = found["job"], found["pid"], found["last"]
    print(f"{TARGET} = {{")
    print(f"\tactive count = {int(pid is not None)}\n\tpath = {found['path']}\n\ttype = LaunchDaemon\n\tstate = {found['state']}\n")
    print(f"\tprogram = {job['ProgramArguments'][0]}\n\targuments = {{")
    print(*(f"\t\t{argument}" for argument in job["ProgramArguments"]), sep="\n")
    print("\t}\n")
    print(f"\tstdout path = {job['StandardOutPath']}\n\tstderr path = {job['StandardErrorPath']}")
    print("\tdefault environment = {\n\t\tPATH => /usr/bin:/bin:/usr/sbin:/sbin\n\t}\n")
    print(f"\tenvironment = {{\n\t\tXPC_SERVICE_NAME => {LABEL}\n\t}}\n")
    print(f"\tdomain = system\n\tminimum runtime = {job['ThrottleInterval']}\n\texit timeout = {job['ExitTimeOut']}")
    print(f"\truns = {found['runs']}")
    if pid is not None:
        print(f"\tpid = {pid}\n\timmediate reason = speculative")
    print(f"\tlast exit code = {'(never exited)' if last is None else last}\n")
    print("\tspawn type = daemon (3)\n\tproperties = keepalive | runatload\n}")


def overrides():
    """The simulated Mac's, with the job's own where it has one."""
    text = subprocess.run([SIMULATED, "print-disabled", "system"], stdout=subprocess.PIPE, text=True, check=True).stdout
    if (HOME / "disabled").exists():
        head, _, tail = text.partition("disabled services = {\n")
        text = f'{head}disabled services = {{\n\t\t"{LABEL}" => disabled\n{tail}'
    print(text, end="")


def main(arguments):
    match arguments:
        case ["bootstrap", "system", path] if pathlib.Path(path).name == f"{LABEL}.plist":
            bootstrap(path)
        case ["bootout", target] if target == TARGET:
            bootout()
        case ["print", target] if target == TARGET:
            show()
        case ["disable", target] if target == TARGET:
            (HOME / "disabled").touch()
        case ["enable", target] if target == TARGET:
            (HOME / "disabled").unlink(missing_ok=True)
        case ["print-disabled", "system"]:
            overrides()
        case _:
            os.execv(SIMULATED, [SIMULATED, *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
