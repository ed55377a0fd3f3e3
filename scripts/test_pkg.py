#!/usr/bin/env python3
"""The package's writer and checkers, shown packages and programs that they must and must not object to."""

import hashlib
import os
import plistlib
import random
import struct
import tempfile
import unittest
import zlib

import check_codesign
import check_pkg
import mkpkg
import read_pkg
from check_codesign import Broken

IDENTIFIER, VERSION, MINIMUM = "org.holdfast.agent", "1.2.3", "14.0"
JOB = check_pkg.JOB.format(IDENTIFIER)
HERE = os.path.dirname(os.path.abspath(__file__))


def info_plist(**changes):
    """An embedded Info.plist."""
    keys = {"CFBundleIdentifier": IDENTIFIER, "CFBundleVersion": VERSION, "CFBundleShortVersionString": VERSION,
            "LSMinimumSystemVersion": MINIMUM}
    return plistlib.dumps({**keys, **changes})


def blob(magic, content):
    return struct.pack(">II", magic, 8 + len(content)) + content


def slice_of(cpu=0x0100000C, flags=0x10002, identifier=IDENTIFIER, info=None, minimum=0x000E0000, runtime=0x000E0000, exec_flags=1,
             tail=b"\0" * 40, cms=b""):
    """A Mach-O program of three pages, signed ad hoc as rcodesign does it."""
    info = info or info_plist()
    limit, text = 2 * 4096 + 100, 4096
    name = identifier.encode() + b"\0"
    requirements = blob(0xFADE0C01, struct.pack(">I", 0))
    size_of_directory = 96 + len(name) + 32 * 2 + 32 * 3
    signature_size = 12 + 24 + size_of_directory + len(requirements) + 8 + len(cms) + len(tail)
    section = struct.pack("<16s16sQQIIIIIIII", b"__info_plist", b"__TEXT", 0, len(info), 1024, 0, 0, 0, 0, 0, 0, 0)
    segment = struct.pack("<II16s4Q4I", 0x19, 72 + 80, b"__TEXT", 0, text, 0, text, 5, 5, 1, 0) + section
    build = struct.pack("<6I", 0x32, 24, 1, minimum, 0x000E0000, 0)
    signed = struct.pack("<4I", 0x1D, 16, limit, signature_size)
    commands = segment + build + signed
    code = bytearray(limit)
    head = struct.pack("<8I", 0xFEEDFACF, cpu, 3, 2, 3, len(commands), 0, 0) + commands
    code[: len(head)] = head
    code[1024 : 1024 + len(info)] = info
    code[4096:] = random.Random(1).randbytes(limit - 4096)
    hashes = [hashlib.sha256(requirements).digest(), hashlib.sha256(info).digest()]
    hashes += [hashlib.sha256(code[at : min(at + 4096, limit)]).digest() for at in range(0, limit, 4096)]
    at = 96 + len(name) + 64
    directory = struct.pack(">9I4B4I4Q2I", 0xFADE0C02, size_of_directory, 0x20500, flags, at, 96, 2, 3, limit, 32, 2, 0, 12,
                            0, 0, 0, 0, 0, 0, text, exec_flags, runtime, 0) + name + b"".join(hashes)
    last = blob(0xFADE0B01, cms)
    offsets = [36, 36 + len(directory), 36 + len(directory) + len(requirements)]
    index = b"".join(struct.pack(">II", *pair) for pair in zip((0, 2, 0x10000), offsets))
    whole = struct.pack(">III", 0xFADE0CC0, offsets[2] + len(last), 3) + index + directory + requirements + last
    return bytes(code) + whole + tail


def universal(*inner, align=12, fill=b"\0"):
    """A universal file of programs, laid out as rcodesign does it."""
    head, body, at = struct.pack(">II", 0xCAFEBABE, len(inner)), b"", 8 + 20 * len(inner)
    for data in inner:
        start = -(-at // (1 << align)) * (1 << align)
        cpu, kind = struct.unpack_from("<2I", data, 4)
        head += struct.pack(">5I", cpu, kind, start, len(data), align)
        body += fill * (start - at) + data
        at = start + len(data)
    return head + body


def program(**changes):
    return universal(slice_of(0x01000007, **changes), slice_of(0x0100000C, **changes))


class Folder:
    """The staged files of a package in a temporary folder, and what is made of them."""

    def __init__(self, folder, binary=b"a program"):
        self.folder, self.root, self.scripts, self.resources = folder, *(os.path.join(folder, name) for name in ("root", "scripts", "resources"))
        for path, mode in check_pkg.INSTALLED.items():
            self.put(path, check_pkg.TEXTS.get(path, b"text of " + path.encode()), mode)
        self.put(check_pkg.BINARY, binary, 0o755)
        self.put(JOB, plistlib.dumps({"Label": IDENTIFIER, "Program": f"/{check_pkg.BINARY}"}), 0o644)
        for folder in (self.scripts, self.resources):
            os.mkdir(folder)
        for name in check_pkg.SCRIPTS:
            self.write(os.path.join(self.scripts, name), b"#!/bin/sh\nexit 0\n")
        for name in ("welcome.txt", "license.txt", "conclusion.txt"):
            self.write(os.path.join(self.resources, name), b"words\n")
        self.distribution = os.path.join(HERE, "..", "pkg", "Distribution.xml")
        for at, folders, _ in os.walk(self.root):
            os.chmod(at, 0o755)

    @staticmethod
    def write(path, data):
        with open(path, "wb") as file:
            file.write(data)

    def put(self, path, data, mode):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.write(path, data)
        os.chmod(path, mode)

    def build(self, version=VERSION, epoch=1700000000):
        return mkpkg.build(self.root, self.scripts, self.resources, self.distribution, IDENTIFIER, version, MINIMUM, "holdfast", epoch)


def checked(data, any_binary=True, minimum=MINIMUM, **options):
    check_pkg.check(data, IDENTIFIER, VERSION, minimum, check_pkg.Options(any_binary=any_binary, **options))


class Case(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Folder(holder.name)

    def refuses(self, words, check, *arguments, **named):
        with self.assertRaises(Broken) as raised:
            check(*arguments, **named)
        self.assertIn(words, str(raised.exception))

    def refused(self, check):
        """Whether a check refuses; struct.error is what a cut structure gives."""
        try:
            check()
        except (Broken, struct.error):
            return True
        return False


class Signatures(Case):
    def test_accepts_what_rcodesign_makes(self):
        found = check_codesign.check(program(), IDENTIFIER)
        self.assertEqual(sorted(found), ["arm64", "x86_64"])
        self.assertEqual(list(check_codesign.check(slice_of(), IDENTIFIER)), ["arm64"])

    def test_every_single_byte_counts(self):
        data = bytearray(universal(slice_of(0x01000007), slice_of()))
        passed = []
        for at in range(len(data)):
            data[at] ^= 1 << at % 8
            if not self.refused(lambda: check_codesign.check(bytes(data), IDENTIFIER)):
                passed.append(at)
            data[at] ^= 1 << at % 8
        self.assertEqual(passed, [])

    def test_a_cut_file_is_refused_wherever_it_is_cut(self):
        data = slice_of()
        for length in [*range(0, len(data), 97), len(data) - 1]:
            self.assertTrue(self.refused(lambda: check_codesign.check(data[:length], IDENTIFIER)), length)
        self.refuses("follow the last program", check_codesign.check, program() + b"\0", IDENTIFIER)

    def test_objects_to_each_fault(self):
        check = lambda data: check_codesign.check(data, IDENTIFIER)
        for words, data in [
            ("the flags are 0x2", slice_of(flags=0x2)),
            ("the flags are 0x30002", slice_of(flags=0x30002)),
            ("is signed as 'holdfast'", slice_of(identifier="holdfast")),
            ("not signed as a main program", slice_of(exec_flags=0)),
            ("another version than the SDK", slice_of(runtime=0x000F0000)),
            ("what stands behind the signature are not zeros", slice_of(tail=b"\0\1\0\0")),
            ("a certificate's signature where none is expected", slice_of(cms=b"x")),
            ("has a processor twice", universal(slice_of(), slice_of())),
            ("are not zeros", universal(slice_of(), fill=b"x")),
            ("cpu 0xc", slice_of(cpu=12)),
            ("is not signed", struct.pack("<8I", 0xFEEDFACF, 0x0100000C, 0, 2, 0, 0, 0, 0)),
        ]:
            self.refuses(words, check, data)
        self.refuses("openssl refuses", check_codesign.check, slice_of(flags=0x10000, cms=b"x"), IDENTIFIER, None, True)


class Bytes(Case):
    """A flipped byte, wherever it is, and a cut end."""

    def test_every_byte_of_a_package_counts(self):
        data = bytearray(self.folder.build())
        checked(bytes(data))
        passed = []
        for at in range(len(data)):
            data[at] ^= 1 << at % 8
            if not self.refused(lambda: checked(bytes(data))):
                passed.append(at)
            data[at] ^= 1 << at % 8
        self.assertEqual(passed, [])

    def test_a_cut_or_longer_package_is_refused(self):
        data = self.folder.build()
        for length in range(0, len(data), 61):
            self.assertTrue(self.refused(lambda: checked(data[:length])), length)
        self.refuses("bytes follow the last file", checked, data + b"\0")

    def parts(self):
        return mkpkg.tree(self.folder.root)

    def test_every_byte_of_the_bom_counts_below_the_archives_checksums(self):
        bom, payload = bytearray(mkpkg.bom(self.parts(), 7)), read_pkg.read_cpio(mkpkg.cpio(self.parts(), 7), "Payload")
        check = lambda: check_pkg.check_bom(read_pkg.read_bom(bytes(bom)), payload)
        check()
        passed = []
        for at in range(len(bom)):
            # Of the long runs of zeros every 16th byte.
            if not any(bom[max(0, at - 16) : at + 16]) and at % 16:
                continue
            bom[at] ^= 1 << at % 8
            if not self.refused(check):
                passed.append(at)
            bom[at] ^= 1 << at % 8
        self.assertEqual(passed, [])

    def test_every_byte_of_the_payload_counts_below_its_compression(self):
        parts = self.parts()
        bom, plain = read_pkg.read_bom(mkpkg.bom(parts, 7)), bytearray(zlib.decompress(mkpkg.cpio(parts, 7), 31))

        def check():
            machine = zlib.compressobj(0, zlib.DEFLATED, -15)
            packed = mkpkg.GZIP_HEADER + machine.compress(bytes(plain)) + machine.flush()
            packed += struct.pack("<II", zlib.crc32(plain), len(plain))
            check_pkg.check_bom(bom, read_pkg.read_cpio(packed, "Payload"))

        check()
        passed = []
        for at in range(len(plain)):
            plain[at] ^= 1
            if not self.refused(check):
                passed.append(at)
            plain[at] ^= 1
        self.assertEqual(passed, [])


class Rules(Case):
    def test_the_same_folder_gives_the_same_bytes(self):
        first = self.folder.build()
        for at, _, names in os.walk(self.folder.root):
            for name in names:
                os.utime(os.path.join(at, name), (1, 1))
        self.assertEqual(first, self.folder.build())
        self.assertNotEqual(first, self.folder.build(epoch=1700000001))

    def test_objects_to_files_that_may_not_be_so(self):
        for words, path, mode in [
            ("set-user-id", check_pkg.BINARY, 0o4755),
            ("others than root could write", check_pkg.BINARY, 0o775),
            ("others than root could write", JOB, 0o646),
            ("others than root could write", "Library/Holdfast", 0o777),
            ("sticky", "Library/Holdfast", 0o1755),
            ("folder Library/Holdfast has mode 711", "Library/Holdfast", 0o711),
            ("does not install what was agreed on", "private/etc/paths.d/holdfast", 0o755),
        ]:
            path = os.path.join(self.folder.root, path)
            before = os.stat(path).st_mode & 0o7777
            os.chmod(path, mode)
            self.refuses(words, checked, self.folder.build())
            os.chmod(path, before)
        checked(self.folder.build())

    def test_objects_to_contents_that_may_not_be_so(self):
        root, job = self.folder.root, {"Label": IDENTIFIER, "Program": f"/{check_pkg.BINARY}"}
        constrained = {**job, "SpawnConstraint": {"team-identifier": "TEAM", "signing-identifier": IDENTIFIER}}
        for words, path, data in [
            ("does not install what was agreed on", "private/etc/hosts", b"x"),
            ("is empty", "Library/Holdfast/uninstall.sh", b""),
            ("not b'/Library/Holdfast/bin", "private/etc/paths.d/holdfast", b"/tmp\n"),
            ("the launchd job cannot be read", JOB, b"x"),
            ("labelled 'other'", JOB, plistlib.dumps({**job, "Label": "other"})),
            ("runs '/tmp/x'", JOB, plistlib.dumps({**job, "Program": "/tmp/x"})),
            ("launch constraint", JOB, plistlib.dumps(constrained)),
        ]:
            full, before = os.path.join(root, path), None
            if os.path.exists(full):
                with open(full, "rb") as file:
                    before = file.read()
            self.folder.write(full, data)
            self.refuses(words, checked, self.folder.build())
            if before is None:
                os.remove(full)
            else:
                self.folder.write(full, before)
        os.remove(os.path.join(root, check_pkg.BINARY))
        self.refuses("does not install what was agreed on", checked, self.folder.build())

    def test_a_team_must_be_the_launch_constraints(self):
        self.refuses("launch constraint is None", checked, self.folder.build(), team="TEAM")

    def test_objects_to_scripts(self):
        script = os.path.join(self.folder.scripts, "preinstall")
        self.folder.write(script, b"#!/bin/zsh\n")
        self.refuses("does not begin with #!/bin/sh", checked, self.folder.build())
        os.remove(script)
        self.refuses("there is no preinstall", checked, self.folder.build())

    def test_objects_to_owners_and_to_modes_of_scripts(self):
        item = lambda uid=0, gid=0, mode=0o100755, data=b"#!/bin/sh\n": read_pkg.Item("x", mode, uid, gid, 0, data, len(data))
        scripts = lambda odd: {**{name: item() for name in check_pkg.SCRIPTS}, "preinstall": odd}
        check_pkg.check_scripts(scripts(item()))
        for words, odd in [
            ("belongs to 501:0", item(uid=501)),
            ("belongs to 0:20", item(gid=20)),
            ("set-group-id", item(mode=0o102755)),
            ("others than root could write", item(mode=0o100775)),
            ("has mode 744, not 755", item(mode=0o100744)),
            ("does not begin with #!/bin/sh", item(data=b"#!/bin/shx\n")),
        ]:
            self.refuses(words, check_pkg.check_scripts, scripts(odd))

    def test_objects_to_a_bom_of_another_payload(self):
        payload = lambda: {
            ".": read_pkg.Item(".", 0o040755, 0, 0, 5, b"", 0), "a": read_pkg.Item("a", 0o100644, 0, 0, 5, b"text", 4)}
        listed = lambda: {
            ".": read_pkg.Item(".", 0o040755, 0, 0, 5, None, 96),
            "a": read_pkg.Item("a", 0o100644, 0, 0, 5, None, 4, read_pkg.cksum(b"text"))}
        check_pkg.check_bom(listed(), payload())
        for words, path, name, value in [
            ("the payload has mode", "a", "mode", 0o100755), ("the payload has mode", "a", "uid", 1), ("the payload has mode", "a", "gid", 1),
            ("the payload has mode", "a", "mtime", 6), ("the Bom says 5", "a", "size", 5), ("another checksum", "a", "sum", 1),
            ("than its 1 entries give", ".", "size", 64),
        ]:
            bom = listed()
            setattr(bom[path], name, value)
            self.refuses(words, check_pkg.check_bom, bom, payload())
        self.refuses("differ in ['b']", check_pkg.check_bom, {**listed(), "b": listed()["a"]}, payload())
        self.refuses("differ in ['a']", check_pkg.check_bom, {".": listed()["."]}, payload())

    def test_objects_to_another_description_of_the_component(self):
        payload = {".": read_pkg.Item(".", 0o040755, 0, 0, 5, b"", 0), "a": read_pkg.Item("a", 0o100644, 0, 0, 5, b"x" * 1025, 1025)}
        good = (f'<pkg-info identifier="{IDENTIFIER}" version="{VERSION}" install-location="/" auth="root" format-version="2" '
                'overwrite-permissions="true" relocatable="false" postinstall-action="none">'
                '<payload numberOfFiles="2" installKBytes="2"/><scripts><preinstall file="./preinstall"/>'
                '<postinstall file="./postinstall"/></scripts></pkg-info>')
        check = lambda text: check_pkg.check_package_info(text.encode(), IDENTIFIER, VERSION, payload)
        self.assertEqual(check(good), "2")
        for words, old, new in [
            ("PackageInfo says", 'auth="root"', 'auth="none"'), ("PackageInfo says", 'relocatable="false"', 'relocatable="true"'),
            ("counts 3 files", 'Files="2"', 'Files="3"'), ("says 1 KB", 'KBytes="2"', 'KBytes="1"'),
            ("PackageInfo runs", '<preinstall file="./preinstall"/>', ""), ("PackageInfo runs", "./postinstall", "./x"),
        ]:
            self.assertIn(old, good)
            self.refuses(words, check, good.replace(old, new))

    def test_objects_to_a_program_of_one_processor_and_to_a_signature_that_is_not_there(self):
        thin = Folder(tempfile.mkdtemp(dir=self.folder.folder), slice_of()).build()
        self.refuses("the program is for ['arm64']", checked, thin, any_binary=False)
        self.refuses("has the signatures []", checked, self.folder.build(), installer="a certificate")

    def test_objects_to_a_distribution(self):
        with open(self.folder.distribution, encoding="utf-8") as file:
            good = file.read()
        self.folder.distribution = os.path.join(self.folder.folder, "Distribution.xml")
        for words, old, new in [
            ("Distribution is for ['x86_64']", "arm64,x86_64", "x86_64"),
            ("asks for macOS ['13.0']", "@MINIMUM_MACOS@", "13.0"),
            ("asks for macOS []", '<os-version min="@MINIMUM_MACOS@"/>', ""),
            ("runs a script of its own", "<choices-outline>", "<script>1</script><choices-outline>"),
            ("names another product", '<product id="@IDENTIFIER@"', '<product id="x"'),
            ("refers to", "@COMPONENT_REF@", "#other.pkg"),
            ("refers to", "@COMPONENT_ATTRIBUTES@", ""),
            ("names welcome.html, which is not there", "welcome.txt", "welcome.html"),
            ("offers choices", 'customize="never"', 'customize="allow"'),
            ("offers choices", 'require-scripts="false"', 'require-scripts="true"'),
            ("into a home folder", 'enable_currentUserHome="false"', 'enable_currentUserHome="true"'),
            ("declares entities", "<installer-gui", "<!DOCTYPE x><installer-gui"),
            ("not well-formed", "</choices-outline>", ""),
        ]:
            self.assertIn(old, good)
            self.folder.write(self.folder.distribution, good.replace(old, new).encode())
            self.refuses(words, checked, self.folder.build())
        self.folder.write(self.folder.distribution, good.replace("@VERSION@", "@OTHER@").encode())
        with self.assertRaises(mkpkg.Refused):
            self.folder.build()

    def test_version_and_least_macos_are_the_programs(self):
        build = lambda **changes: Folder(tempfile.mkdtemp(dir=self.folder.folder), program(**changes)).build()
        checked(build(), any_binary=False)
        self.refuses("the package 1.2.3", checked, build(info=info_plist(CFBundleVersion="1.2.4")), any_binary=False)
        self.refuses("asks for macOS ['13.0', '14.0']", checked, build(info=info_plist(LSMinimumSystemVersion="13.0")), any_binary=False)
        self.refuses("asks for macOS ['14.0', '15.0']", checked, build(minimum=0x000F0000), any_binary=False)
        self.refuses("calls itself x", checked, build(info=info_plist(CFBundleIdentifier="x")), any_binary=False)
        changed = bytearray(program())
        changed[4096 + 5000] ^= 1
        changed = Folder(tempfile.mkdtemp(dir=self.folder.folder), bytes(changed)).build()
        self.refuses("is not the one that was signed", checked, changed, any_binary=False)

    def test_refuses_to_package_links_and_the_finders_files(self):
        link = os.path.join(self.folder.root, "Library/link")
        os.symlink("/etc/passwd", link)
        with self.assertRaises(mkpkg.Refused):
            self.folder.build()
        os.remove(link)
        for name in ("._x", ".DS_Store"):
            self.folder.write(os.path.join(self.folder.root, name), b"")
            with self.assertRaises(mkpkg.Refused):
                self.folder.build()
            os.remove(os.path.join(self.folder.root, name))

    def test_the_two_ways_to_reckon_a_posix_checksum_agree(self):
        # cksum(1) says so of the empty input and of "123456789".
        self.assertEqual(read_pkg.cksum(b""), 4294967295)
        self.assertEqual(read_pkg.cksum(b"123456789"), 930766865)
        for length in (0, 1, 255, 256, 1000):
            data = random.Random(length).randbytes(length)
            self.assertEqual(mkpkg.cksum(data), read_pkg.cksum(data))


if __name__ == "__main__":
    unittest.main()
