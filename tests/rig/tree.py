#!/usr/bin/env python3
"""What is on the disk, and what has become of it.

    tree.py take FILE FOLDER...             records everything in the folders, which are followed through no link
    tree.py compare BEFORE AFTER [LEFT...]  whether the two are equal but for the paths LEFT and what is below them, each of
                                            which must differ

A property list counts by what it says, any other file by its bytes."""

import hashlib
import json
import os
import plistlib
import stat
import sys


def content(path):
    with open(path, "rb") as file:
        raw = file.read()
    try:
        raw = repr(sorted(plistlib.loads(raw).items())).encode()
    except Exception:
        pass
    return hashlib.sha256(raw).hexdigest()


def take(folders):
    found = {}

    def add(path):
        info = os.lstat(path)
        what = [stat.filemode(info.st_mode), info.st_uid, info.st_gid]
        if stat.S_ISLNK(info.st_mode):
            what.append(os.readlink(path))
        elif stat.S_ISREG(info.st_mode):
            what.append(content(path))
        found[path] = what
        if stat.S_ISDIR(info.st_mode):
            for name in os.listdir(path):
                add(os.path.join(path, name))

    for folder in folders:
        add(folder)
    return found


def compare(before, after, left):
    paths = [path for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)]
    below = {path: [one for one in left if path == one or path.startswith(one + "/")] for path in paths}
    wrong = [f"{path}: {before.get(path, 'not there')}, and then {after.get(path, 'not there')}" for path in paths if not below[path]]
    wrong += [f"{one}: expected to be left, and it is as it was" for one in left if not any(one in found for found in below.values())]
    return wrong


def main(verb, *arguments):
    if verb == "take":
        with open(arguments[0], "w", encoding="utf-8") as file:
            json.dump(take(arguments[1:]), file)
        return 0
    before, after = (json.load(open(name, encoding="utf-8")) for name in arguments[:2])
    wrong = compare(before, after, arguments[2:])
    print(*wrong, sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
