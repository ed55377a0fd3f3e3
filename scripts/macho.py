#!/usr/bin/env python3
"""Says what a macOS program is made for and what it loads, and fails where that is not what we ship.

Reads one thin 64-bit little-endian Mach-O file (<mach-o/loader.h>) with nothing but the standard library, so that the
same check runs on Linux and on a Mac.
"""

import argparse
import hashlib
import re
import struct
import sys

MAGIC_64 = 0xFEEDFACF
EXECUTE = 2
ARCHITECTURES = {0x0100000C: "arm64", 0x01000007: "x86_64"}
PLATFORM_MACOS = 1
LOAD_DYLIB = {0x0C, 0x8000001F, 0x80000018, 0x80000023, 0x20}  # plain, re-exported, weak, upward, lazy
RPATH = 0x8000001C
BUILD_VERSION = 0x32

# Libraries that every Mac from 14 on has, and that something of ours calls: CoreFoundation is chrono's, for the name of
# the time zone, and notify's, whose file events are in CoreServices. What is only named on the link line is not loaded.
ALLOWED_LIBRARIES = {
    "/usr/lib/libSystem.B.dylib",
    "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
    "/System/Library/Frameworks/CoreServices.framework/Versions/A/CoreServices",
}

# Wherever cargo and rustup were installed, their folders are called so.
FORBIDDEN_ALWAYS = [".cargo/registry", ".rustup/toolchains"]


class NotOurs(Exception):
    """The file is not a thin 64-bit program for a Mac."""


def version(packed):
    """A packed X.Y.Z (16, 8 and 8 bits) as text; Z only where it is not 0."""
    major, minor, patch = packed >> 16, packed >> 8 & 0xFF, packed & 0xFF
    return f"{major}.{minor}" + (f".{patch}" if patch else "")


def text_at(command, offset):
    """The NUL-terminated text at an offset of a load command."""
    return command[offset:].split(b"\0", 1)[0].decode("utf-8", "replace")


def read(data):
    """The facts of one Mach-O file: arch, minimum, sdk, libraries, rpaths."""
    if len(data) < 32:
        raise NotOurs("too short for a Mach-O header")
    magic, cpu, _, kind, count, _, _, _ = struct.unpack_from("<8I", data)
    if magic != MAGIC_64:
        raise NotOurs(f"starts with {magic:#010x}, not with the 64-bit Mach-O magic number")
    if kind != EXECUTE:
        raise NotOurs(f"is of file type {kind}, not a program")
    facts = {"arch": ARCHITECTURES.get(cpu, f"cpu {cpu:#x}"), "minimum": [], "sdk": [], "libraries": [], "rpaths": []}
    offset = 32
    for _ in range(count):
        if offset + 8 > len(data):
            raise NotOurs("its load commands run past its end")
        number, size = struct.unpack_from("<2I", data, offset)
        if size < 8 or offset + size > len(data):
            raise NotOurs(f"load command {number:#x} has an impossible size, {size}")
        command = data[offset : offset + size]
        if number == BUILD_VERSION:
            platform, minimum, sdk = struct.unpack_from("<3I", command, 8)
            if platform != PLATFORM_MACOS:
                raise NotOurs(f"is built for platform {platform}, not for macOS")
            facts["minimum"].append(version(minimum))
            facts["sdk"].append(version(sdk))
        elif number in LOAD_DYLIB:
            facts["libraries"].append(text_at(command, struct.unpack_from("<I", command, 8)[0]))
        elif number == RPATH:
            facts["rpaths"].append(text_at(command, struct.unpack_from("<I", command, 8)[0]))
        offset += size
    return facts


def faults(data, facts, arch, minimum, forbidden):
    """Everything about the file that is not as we ship it, in words."""
    found = []
    if facts["arch"] != arch:
        found.append(f"is for {facts['arch']}, not {arch}")
    if facts["minimum"] != [minimum]:
        found.append(f"says minimum macOS {facts['minimum'] or 'nothing'}, not {minimum}")
    for library in facts["libraries"]:
        if library not in ALLOWED_LIBRARIES:
            found.append(f"loads {library}, which is not on the list of what may be loaded")
    for rpath in facts["rpaths"]:
        found.append(f"looks for libraries in {rpath}")
    for path in [*forbidden, *FORBIDDEN_ALWAYS]:
        # Texts stand in a program without a gap, so what comes before a path says little. But /root may be root's home here,
        # and /var/root is root's on every Mac, as /Users/root is root's record in every directory.
        match = re.search(rb"(?<!/var)(?<!/Users)" + re.escape(path.encode()), data)
        if match:
            at = match.start()
            excerpt = data[max(0, at - 20) : at + len(path) + 60]
            found.append(f"holds a path of the machine that built it, {path}, at byte {at}: {excerpt!r}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--arch", required=True, choices=sorted(ARCHITECTURES.values()))
    parser.add_argument("--minimum-macos", required=True)
    parser.add_argument("--forbid", action="append", default=[], help="text that must not occur in the file")
    options = parser.parse_args()
    with open(options.file, "rb") as file:
        data = file.read()
    try:
        facts = read(data)
    except NotOurs as error:
        print(f"{options.file}: {error}", file=sys.stderr)
        return 1
    print(f"{options.file}")
    print(f"  size           {len(data)} bytes")
    print(f"  SHA-256        {hashlib.sha256(data).hexdigest()}")
    print(f"  architecture   {facts['arch']}")
    print(f"  minimum macOS  {', '.join(facts['minimum'])}")
    print(f"  SDK            {', '.join(facts['sdk'])}")
    for library in facts["libraries"]:
        print(f"  loads          {library}")
    # "/" alone, the home folder of some service accounts, is in every file.
    found = faults(data, facts, options.arch, options.minimum_macos, [path for path in options.forbid if len(path) > 1])
    for fault in found:
        print(f"{options.file}: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
