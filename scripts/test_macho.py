#!/usr/bin/env python3
"""The Mach-O checker, shown files that it must and must not object to."""

import struct
import unittest

import macho

SYSTEM = "/usr/lib/libSystem.B.dylib"
FRAMEWORK = "/System/Library/Frameworks/{0}.framework/Versions/A/{0}"


def program(minimum=0x000E0000, libraries=(SYSTEM,), rpaths=(), rest=b"", cpu=0x0100000C, kind=2, platform=1):
    """A Mach-O file with just the parts that the checker reads."""
    commands = [struct.pack("<6I", 0x32, 24, platform, minimum, 0x001B0000, 0)]
    for number, names, fixed in ((0x0C, libraries, 24), (0x8000001C, rpaths, 12)):
        for name in names:
            text = name.encode() + b"\0" * (8 - len(name) % 8)
            head = struct.pack("<3I", number, fixed + len(text), fixed)
            commands.append(head + b"\0" * (fixed - len(head)) + text)
    body = b"".join(commands)
    return struct.pack("<8I", 0xFEEDFACF, cpu, 0, kind, len(commands), len(body), 0, 0) + body + rest


def faults(data, arch="arm64", minimum="14.0", forbidden=("/builder/holdfast",)):
    return macho.faults(data, macho.read(data), arch, minimum, list(forbidden))


class Checker(unittest.TestCase):
    def test_accepts_what_we_ship(self):
        self.assertEqual(faults(program()), [])
        self.assertEqual(faults(program(cpu=0x01000007), arch="x86_64"), [])
        called = [SYSTEM, FRAMEWORK.format("CoreFoundation"), FRAMEWORK.format("CoreServices")]
        self.assertEqual(faults(program(libraries=called)), [])
        self.assertEqual(macho.read(program(minimum=0x000E0503))["minimum"], ["14.5.3"])

    def test_objects_to_each_fault(self):
        for data, words in [
            (program(minimum=0x000F0000), "minimum macOS ['15.0']"),
            (program(cpu=0x01000007), "is for x86_64"),
            (program(libraries=[SYSTEM, "/opt/local/lib/libz.dylib"]), "loads /opt/local/lib/libz.dylib"),
            (program(libraries=[SYSTEM, "/usr/lib/libiconv.2.dylib"]), "loads /usr/lib/libiconv.2.dylib"),
            (program(libraries=[SYSTEM, FRAMEWORK.format("IOKit")]), "IOKit, which is not on the list"),
            (program(rpaths=["@executable_path"]), "looks for libraries in @executable_path"),
            (program(rest=b"x/builder/holdfast/src/main.rs"), "/builder/holdfast, at byte"),
            (program(rest=b"x/any/.cargo/registry/src/a"), ".cargo/registry, at byte"),
        ]:
            found = faults(data)
            self.assertEqual(len(found), 1, (words, found))
            self.assertIn(words, found[0])

    def test_the_home_of_root_on_a_mac_is_nobodys_build_machine(self):
        facts = macho.read(program(rest=b"Administrator/var/root/bin/sh"))
        judged = lambda data: macho.faults(data, facts, "arm64", "14.0", ["/root"])
        self.assertEqual(judged(b"Administrator/var/root/bin/sh"), [])
        self.assertEqual(len(judged(b"Administrator/root/build/holdfast")), 1)

    def test_refuses_what_is_not_a_program_for_a_mac(self):
        whole = program()
        for data in [b"", b"\x7fELF" + b"\0" * 60, whole[:40], program(kind=6), program(platform=2)]:
            with self.assertRaises(macho.NotOurs):
                macho.read(data)

    def test_a_file_without_a_build_version_is_at_fault(self):
        data = struct.pack("<8I", 0xFEEDFACF, 0x0100000C, 0, 2, 0, 0, 0, 0)
        self.assertIn("minimum macOS nothing", faults(data)[0])


if __name__ == "__main__":
    unittest.main()
