#!/usr/bin/env python3
"""Fails where a dependency's licence is not one that we ship under. Reads `cargo metadata --format-version 1`."""

import json
import re
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "ISC", "MIT", "Unicode-3.0", "Unlicense", "Zlib",
}


def allows(expression):
    """Whether an SPDX expression can be met with allowed licences; AND binds closer than OR.

    >>> allows("MIT"), allows("MIT/Apache-2.0"), allows("GPL-3.0-only OR MIT"), allows("Apache-2.0 WITH LLVM-exception")
    (True, True, True, True)
    >>> allows("GPL-3.0-only"), allows("MIT AND GPL-3.0-only"), allows("(MIT OR Zlib) AND MPL-2.0")
    (False, False, False)
    >>> allows("MIT OR ISC AND GPL-3.0-only"), allows("(MIT OR ISC) AND Unicode-3.0"), allows("MIT AND (GPL-2.0 OR ISC)")
    (True, True, True)
    >>> allows("")
    Traceback (most recent call last):
    ValueError: not an SPDX expression: ''
    >>> allows("MIT OR")
    Traceback (most recent call last):
    ValueError: not an SPDX expression: 'MIT OR'
    """
    words = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    at = 0

    def word():
        return words[at] if at < len(words) else ""

    def one():
        nonlocal at
        if word() == "(":
            at += 1
            value = either()
            if word() != ")":
                raise ValueError(f"not an SPDX expression: {expression!r}")
            at += 1
            return value
        name = word()
        if name in ("", ")", "AND", "OR", "WITH"):
            raise ValueError(f"not an SPDX expression: {expression!r}")
        at += 1
        if word() == "WITH":
            name, at = f"{name} WITH {words[at + 1] if at + 1 < len(words) else ''}", at + 2
        return name in ALLOWED

    def both():
        nonlocal at
        value = one()
        while word() == "AND":
            at += 1
            value = one() and value
        return value

    def either():
        nonlocal at
        value = both()
        while word() == "OR":
            at += 1
            value = both() or value
        return value

    value = either()
    if at != len(words):
        raise ValueError(f"not an SPDX expression: {expression!r}")
    return value


def main():
    packages = [package for package in json.load(sys.stdin)["packages"] if package["source"] is not None]
    wrong = 0
    for package in packages:
        licence = package["license"] or ""
        try:
            good = allows(licence)
        except ValueError:
            good = False
        if not good:
            wrong += 1
            print(f"{package['name']} {package['version']}: licence {licence or 'not stated'}", file=sys.stderr)
    print(f"{len(packages)} dependencies, {wrong} with a licence that is not allowed")
    return 1 if wrong or not packages else 0


if __name__ == "__main__":
    sys.exit(main())
