"""Whether machrun knows all that the slice imports, but for what a list gives reasons for.

    imports.py MACHRUN SLICE LIST
"""

import os
import pathlib
import re
import subprocess
import sys

ENTRY = re.compile(r"(\S+): \S.*")


def listed(text):
    """The list's symbols, and what is wrong with its lines."""
    found, wrong = set(), []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        entry = ENTRY.fullmatch(line)
        if entry is None:
            wrong.append(f"line {number} is no symbol with a reason: {line}")
        elif entry[1] in found:
            wrong.append(f"line {number} is there twice: {line}")
        else:
            found.add(entry[1])
    return found, wrong


def missing(text):
    """What `machrun -l` says that it lacks."""
    found = set(re.findall(r"import (\S+) \(.*-> stub that aborts$", text, re.M))
    counted = re.search(r"^(\d+) unresolved$", text, re.M)
    if counted is None or int(counted[1]) != len(found):
        raise ValueError(f"machrun -l says something else than expected:\n{text}")
    return found


def differences(on_list, lacking):
    """What is on one side only, in words."""
    return [f"{name}: missing and not on the list" for name in sorted(lacking - on_list)] + [
        f"{name}: on the list and not missing" for name in sorted(on_list - lacking)]


def main(machrun, program, path):
    on_list, wrong = listed(pathlib.Path(path).read_text())
    ran = subprocess.run([machrun, "-l", program], capture_output=True, text=True, timeout=60,
                         env={**os.environ, "MACHRUN_TRACE": "1"})
    lacking = missing(ran.stdout + ran.stderr)
    wrong += differences(on_list, lacking)
    print(*wrong, f"{len(lacking)} missing imports", sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
