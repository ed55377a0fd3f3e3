#!/usr/bin/env python3
"""Measures a command: what it starts, CPU time, wall time, peak memory. Run by scripts/measure inside the rig."""

import collections
import os
import re
import shlex
import shutil
import statistics
import sys
import tempfile
import time

# A tool that runs as a user is started by these two, which then become it: one process.
LAUNCHERS = ("/bin/launchctl", "/Library/Holdfast/bin/holdfast")


def run(argv):
    """One run: wall time, CPU time of the agent alone, of its children, of all, and the exit status."""
    began = time.monotonic()
    agent = begin(argv)
    # Of the zombie, before it is reaped: its own time without its children's, and theirs apart.
    os.waitid(os.P_PID, agent, os.WEXITED | os.WNOWAIT)
    wall = time.monotonic() - began
    with open(f"/proc/{agent}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    own, children = (sum(map(int, fields[n : n + 2])) / os.sysconf("SC_CLK_TCK") for n in (11, 13))
    _, status, usage = os.wait4(agent, 0)
    return wall, own, children, usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status)


def begin(argv):
    """Starts the command, its output thrown away, and gives back its process id."""
    if (pid := os.fork()) == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.execv(argv[0], argv)
    return pid


def peak(argv):
    """The agent's own peak of resident memory in KiB, as its /proc entry said last. Not by rusage, where the peak also counts
    what the process was before it became the agent."""
    pid = begin(argv)
    highest = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        try:
            if os.readlink(f"/proc/{pid}/exe") == argv[0]:
                with open(f"/proc/{pid}/status") as status:
                    highest = max([highest, *map(int, re.findall(r"VmHWM:\s+(\d+)", status.read()))])
        except OSError:
            pass
        time.sleep(0.001)
    os.waitpid(pid, 0)
    return highest


def started(argv):
    """What was started, by strace: a list of argument lists, one for each process, and all successful execve calls."""
    with tempfile.TemporaryDirectory() as folder:
        log = f"{folder}/log"
        null = os.open(os.devnull, os.O_RDWR)
        pid = os.posix_spawn(
            shutil.which("strace"),
            ["strace", "-f", "-s", "4096", "-v", "-e", "trace=execve", "-e", "signal=none", "-o", log, *argv],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, null, stream) for stream in (0, 1, 2)],
        )
        os.waitpid(pid, 0)
        calls = collections.defaultdict(list)
        first = None
        for line in open(log):
            pid = line.split()[0]
            first = first or pid
            found = re.search(r'execve\("(?:[^"\\]|\\.)*", \[(.*?)\], \[', line)
            # A call that other processes interrupt is written in two lines; the arguments are in the first.
            if found and not re.search(r" = -1 ", line):
                calls[pid].append([eval(text) for text in re.findall(r'"(?:[^"\\]|\\.)*"', found[1])])
        del calls[first]
        return list(calls.values())


def row(what, unit, values, digits):
    values = sorted(values)
    print(f"  {what:<48}{statistics.median(values):>9.{digits}f}{values[-1]:>10.{digits}f}  {unit}")


def main():
    runs, argv = int(sys.argv[1]), sys.argv[2:]
    if shutil.which("strace"):
        processes = started(argv)
        questions = collections.Counter(shlex.join(calls[-1]) for calls in processes)
        users = sum(len(calls) > 1 for calls in processes)
        print(f"{len(processes)} processes started, {sum(map(len, processes))} programs executed by them "
              f"({users} become another user's), {len(questions)} distinct questions of tools")
        for calls in processes:
            print("  " + " -> ".join(shlex.join(call) for call in calls))
        print("asked more than once: " + ("; ".join(f"{n} times {q}" for q, n in questions.items() if n > 1) or "nothing"))
    else:
        print("what it starts is NOT COUNTED: strace is not installed")
    run(argv)
    found = [run(argv) for _ in range(runs)]
    print(f"  {'':<48}{'median':>9}{'worst':>10}")
    row("wall time", "s", [wall for wall, *_ in found], 3)
    row("CPU time, agent and tools (wait4)", "s", [both for *_, both, _ in found], 3)
    row("CPU time, the tools alone (/proc, 10 ms steps)", "s", [children for _, _, children, *_ in found], 3)
    row("CPU time, the agent alone (/proc, 10 ms steps)", "s", [own for _, own, *_ in found], 3)
    row("peak memory, the agent alone (/proc)", "MiB", [peak(argv) / 1024 for _ in range(runs)], 1)
    print(f"  exit statuses: {sorted({status for *_, status in found})}")


main()
