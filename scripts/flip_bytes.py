#!/usr/bin/env python3
"""Changes one bit of a good package in many places, one after the other, and fails where check_pkg accepts the result.

In every part: the header, the table of contents, the signatures, each file of the archive; then in the program inside,
with the package made up around it as if it belonged there.
"""

import argparse
import struct
import sys

import check_codesign
import check_pkg
import read_pkg


def places(start, length, count):
    """At most that many places spread over a range, its first and last among them."""
    return sorted({start + length * step // count for step in range(count)} | {start + length - 1}) if length else []


def refused(check):
    """What a check says against what it is shown, or None."""
    try:
        check()
    except (check_codesign.Broken, struct.error) as error:
        return str(error)
    return None


def flips(data, at, check):
    """The places at which a changed bit is accepted."""
    data, accepted = bytearray(data), []
    for place in at:
        data[place] ^= 1 << place % 8
        if refused(lambda: check(bytes(data))) is None:
            accepted.append(place)
        data[place] ^= 1 << place % 8
    return accepted


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package")
    check_pkg.add_options(parser)
    asked = parser.parse_args()
    options = check_pkg.options_of(asked)
    with open(asked.package, "rb") as file:
        data = file.read()
    check = lambda changed: check_pkg.check(changed, asked.identifier, asked.version, asked.minimum_macos, options)
    archive, component = check(data)

    heap = len(data) - len(archive.heap)
    at = places(0, 28, 28) + places(28, heap - 28, 40)
    for start, length, name in archive.ranges:
        if name == "x-signature":
            # Of a CMS signature openssl passes over a few bytes that say nothing of what is signed (the case of letters in the
            # issuer's name, how an algorithm's name is packed), so only what the key made is changed: RSA's number at its end.
            at += places(data.rindex(b"\x04\x82\x01\x00", heap + start, heap + start + length) + 4, 256, 20)
        else:
            at += places(heap + start, length, 40)
    accepted = flips(data, at, check)

    program = read_pkg.read_cpio(archive.files[f"{component}/Payload"], "Payload")[check_pkg.BINARY].data
    judge = lambda changed: check_codesign.check(changed, asked.identifier, options.team, options.signed, options.certificate)
    inside = [] if options.any_binary else places(0, len(program), 60)
    if inside:
        judge(program)
        for name, inner in check_codesign.slices(program):
            start = program.index(inner)
            signature = check_codesign.Program(inner).signature[0]
            directory = check_codesign.parts(inner[signature:])[check_codesign.SLOT_CODE_DIRECTORY]
            inside += places(start, 4096, 20) + places(program.index(directory, start), len(directory), 60)
    accepted_inside = flips(program, inside, judge)

    for place in accepted:
        print(f"{asked.package}: accepted with byte {place} changed", file=sys.stderr)
    for place in accepted_inside:
        print(f"{asked.package}: its program is accepted with byte {place} changed", file=sys.stderr)
    if not (accepted or accepted_inside):
        print(f"{asked.package}: refused with a bit changed in each of {len(at)} places, its program in {len(inside)}")
    return 1 if accepted or accepted_inside else 0


if __name__ == "__main__":
    sys.exit(main())
