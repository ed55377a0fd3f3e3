#!/usr/bin/env python3
"""Checks the code signatures of a macOS program, thin or universal, so that no byte of it can be another one.

Every page's hash, what the special slots are bound to, flags, identifier and team; whatever lies outside of what is
hashed must be zeros. A signature with a certificate is verified by openssl. Made for what rcodesign writes for us: on a Mac
codesign judges its own. It says nothing of whom a Mac trusts.
"""

import argparse
import hashlib
import os
import plistlib
import ssl
import struct
import subprocess
import sys
import tempfile

# <mach-o/fat.h>, <mach-o/loader.h>
FAT_MAGIC, MAGIC_64 = 0xCAFEBABE, 0xFEEDFACF
ARCHITECTURES = {0x0100000C: "arm64", 0x01000007: "x86_64"}
SEGMENT_64, CODE_SIGNATURE, BUILD_VERSION = 0x19, 0x1D, 0x32
# <Kernel/kern/cs_blobs.h>
EMBEDDED_SIGNATURE, CODE_DIRECTORY, CMS_WRAPPER = 0xFADE0CC0, 0xFADE0C02, 0xFADE0B01
SLOT_CODE_DIRECTORY, SLOT_INFO, SLOT_CMS = 0, 1, 0x10000
FLAGS = {0x2: "adhoc", 0x10000: "runtime"}
VERSION_RUNTIME, SHA256, PAGE, MAIN_BINARY = 0x20500, 2, 4096, 1


class Broken(Exception):
    """The file is not a signed program of ours, or not an intact one."""


def need(condition, words):
    """Raises Broken with the words unless the condition holds."""
    if not condition:
        raise Broken(words)


def unpack(form, data, at, what):
    """struct.unpack_from that says what could not be read."""
    need(0 <= at and at + struct.calcsize(form) <= len(data), f"{what} runs past the end")
    return struct.unpack_from(form, data, at)


def version(packed):
    """A packed X.Y.Z (16, 8 and 8 bits) as text; Z only where it is not 0."""
    major, minor, patch = packed >> 16, packed >> 8 & 0xFF, packed & 0xFF
    return f"{major}.{minor}" + (f".{patch}" if patch else "")


def slices(data):
    """(architecture, bytes) of each program in a file. What lies between two of them must be zeros."""
    if unpack(">I", data, 0, "the magic number")[0] != FAT_MAGIC:
        return [(architecture(data), data)]
    count, = unpack(">I", data, 4, "the universal header")
    need(0 < count <= len(ARCHITECTURES), f"says it is of {count} programs")
    found, covered = {}, 8 + 20 * count
    for number in range(count):
        cpu, kind, offset, size, align = unpack(">5I", data, 8 + 20 * number, "the universal header")
        need(align in (12, 14), f"program {number} is aligned to 2^{align}, neither 2^12 nor 2^14")
        need(offset == -(-covered // (1 << align)) << align, f"program {number} does not follow what is before it")
        need(size and offset + size <= len(data), f"program {number} runs past the end")
        need(not any(data[covered:offset]), f"what stands before program {number} are not zeros")
        inner = data[offset : offset + size]
        need(unpack("<2I", inner, 4, "the Mach-O header") == (cpu, kind), "the universal header names another processor")
        need(architecture(inner) not in found, "has a processor twice")
        found[architecture(inner)] = inner
        covered = offset + size
    need(covered == len(data), f"{len(data) - covered} bytes follow the last program")
    return list(found.items())


def architecture(data):
    """The processor of one Mach-O program."""
    magic, cpu = unpack("<2I", data, 0, "the Mach-O header")
    need(magic == MAGIC_64, f"starts with {magic:#010x}, not with the 64-bit Mach-O magic number")
    need(cpu in ARCHITECTURES, f"is for cpu {cpu:#x}")
    return ARCHITECTURES[cpu]


class Program:
    """What the signature depends on in one Mach-O file."""

    def __init__(self, data):
        self.data, self.signature, self.text_size, self.info, self.minimum, self.sdk = data, None, None, None, None, None
        count, total = unpack("<2I", data, 16, "the Mach-O header")
        at = 32
        for _ in range(count):
            number, size = unpack("<2I", data, at, "the load commands")
            need(8 <= size <= 32 + total - at, f"load command {number:#x} has an impossible size, {size}")
            self._take(number, at)
            at += size
        need(at == 32 + total, "the load commands do not add up")
        need(self.signature is not None, "is not signed")
        need(self.info, "has no embedded Info.plist")

    def _take(self, number, at):
        if number == SEGMENT_64:
            name = self.data[at + 8 : at + 24].rstrip(b"\0")
            size, = unpack("<Q", self.data, at + 48, "a segment")
            sections, = unpack("<I", self.data, at + 64, "a segment")
            if name != b"__TEXT":
                return
            self.text_size = size
            for place in range(at + 72, at + 72 + 80 * sections, 80):
                length, start = unpack("<QI", self.data, place + 40, "a section")
                if self.data[place : place + 16].rstrip(b"\0") == b"__info_plist":
                    self.info = self.data[start : start + length]
        elif number == CODE_SIGNATURE:
            self.signature = unpack("<2I", self.data, at + 8, "the signature's command")
        elif number == BUILD_VERSION:
            self.minimum, self.sdk = unpack("<2I", self.data, at + 12, "the version's command")


def parts(signature):
    """The parts of an embedded signature by slot. Only zeros may stand behind them, and nothing between."""
    magic, length, count = unpack(">3I", signature, 0, "the signature")
    need(magic == EMBEDDED_SIGNATURE, f"the signature starts with {magic:#010x}")
    need(length <= len(signature), "the signature is longer than its place")
    need(not any(signature[length:]), "what stands behind the signature are not zeros")
    found, covered = {}, 12 + 8 * count
    for index in range(count):
        slot, offset = unpack(">2I", signature, 12 + 8 * index, "the signature's index")
        need(offset == covered and slot not in found, f"slot {slot:#x} of the signature is not where it should be")
        size, = unpack(">I", signature, offset + 4, "a part of the signature")
        need(size >= 8 and offset + size <= length, f"slot {slot:#x} of the signature runs past its end")
        found[slot] = signature[offset : offset + size]
        covered = offset + size
    need(covered == length, "the signature's parts do not fill it")
    return found


class Directory:
    """A code directory: what the signature says of the program."""

    def __init__(self, blob):
        self.blob = blob
        (magic, _, number, self.flags, hashes, ident, self.special, self.pages, self.limit, size, kind, platform, page, spare,
         scatter, team, spare3, limit64, exec_base, self.exec_limit, exec_flags, self.runtime, pre) = unpack(
            ">9I4B4I4Q2I", blob, 0, "the code directory")
        need(magic == CODE_DIRECTORY, "the code directory is none")
        need(number == VERSION_RUNTIME, f"the code directory is of version {number:#x}, not {VERSION_RUNTIME:#x}")
        need((size, kind, 1 << page) == (32, SHA256, PAGE), "the hashes are not SHA-256 of pages of 4096 bytes")
        need(not (platform or spare or scatter or spare3 or limit64 or pre or exec_base), "a field is set that ours leave empty")
        need(exec_flags == MAIN_BINARY, "is not signed as a main program")
        need(ident == 96, "the identifier is not where it should be")
        self.identifier, at = self._text(ident)
        self.team = None
        if team:
            need(team == at, "the team is not where it should be")
            self.team, at = self._text(at)
        self.hashes = hashes
        need(hashes == at + 32 * self.special, "the hashes are not where they should be")
        need(len(blob) == hashes + 32 * self.pages, "the hashes do not fill the code directory")

    def _text(self, at):
        end = self.blob.find(b"\0", at)
        need(end >= 0, "a text of the code directory does not end")
        return self.blob[at:end].decode("utf-8", "replace"), end + 1

    def hash(self, index):
        """The hash of a page, or with a negative index that of a special slot."""
        return self.blob[self.hashes + 32 * index : self.hashes + 32 * index + 32]


def check_slice(data, identifier, team=None, signed=False, certificate=None):
    """Checks one program; returns it and its code directory. With `signed` there must be a certificate's signature, made
    with `certificate` (PEM) where that is given, else there must be none."""
    program = Program(data)
    offset, size = program.signature
    need(offset + size == len(data), "the signature does not end where the file ends")
    found = parts(data[offset:])
    need(SLOT_CODE_DIRECTORY in found and SLOT_CMS in found, "the signature lacks its code directory or its last part")
    directory = Directory(found[SLOT_CODE_DIRECTORY])

    need(directory.limit == offset, f"the signature covers {directory.limit} bytes, not the {offset} before it")
    need(directory.pages == -(-offset // PAGE), "the number of pages is wrong")
    for page in range(directory.pages):
        seen = hashlib.sha256(data[page * PAGE : min((page + 1) * PAGE, offset)]).digest()
        need(seen == directory.hash(page), f"page {page} is not the one that was signed")
    bound = {slot: blob for slot, blob in found.items() if slot not in (SLOT_CODE_DIRECTORY, SLOT_CMS)}
    bound[SLOT_INFO] = program.info
    need(max(bound) == directory.special, "the special slots are not those of what is bound")
    for slot in range(1, directory.special + 1):
        seen = hashlib.sha256(bound[slot]).digest() if slot in bound else bytes(32)
        need(seen == directory.hash(-slot), f"special slot -{slot} is not bound to what is there")

    wanted = {"runtime"} if signed else {"adhoc", "runtime"}
    names = {name for bit, name in FLAGS.items() if directory.flags & bit}
    need(names == wanted and not directory.flags & ~sum(FLAGS), f"the flags are {directory.flags:#x}, not {sorted(wanted)}")
    need(directory.identifier == identifier, f"is signed as {directory.identifier!r}, not {identifier!r}")
    need(directory.team == team, f"the signature's team is {directory.team!r}, not {team!r}")
    need(directory.runtime == program.sdk, "the hardened runtime is of another version than the SDK")
    need(directory.exec_limit == program.text_size, "the executable segment has other bounds")

    wrapper = found[SLOT_CMS]
    need(unpack(">I", wrapper, 0, "the signature's last part")[0] == CMS_WRAPPER, "the signature's last part is of another kind")
    if signed:
        check_cms(wrapper[8:], directory.blob, certificate)
        check_cdhash(wrapper, directory.blob)
    else:
        need(len(wrapper) == 8, "has a certificate's signature where none is expected")
    return program, directory


def check_cms(cms, content, certificate):
    """Has openssl verify a detached CMS signature over the content, and compares who signed with the certificate."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("cms", "content", "signer")}
        for name, data in (("cms", cms), ("content", content)):
            with open(paths[name], "wb") as file:
                file.write(data)
        # -noverify leaves the chain of certificates out: what counts here is whose key it was.
        done = subprocess.run(
            ["openssl", "cms", "-verify", "-binary", "-noverify", "-inform", "DER", "-in", paths["cms"], "-content",
             paths["content"], "-signer", paths["signer"], "-out", os.devnull], capture_output=True, text=True)
        need(done.returncode == 0, f"openssl refuses the signature: {done.stderr.strip()}")
        if certificate:
            with open(paths["signer"], encoding="ascii") as file:
                need(der(file.read()) == der(certificate), "is signed with another certificate")


def der(pem):
    """The bytes of the first certificate in a PEM text."""
    start = pem.find("-----BEGIN CERTIFICATE-----")
    end = pem.find("-----END CERTIFICATE-----")
    need(0 <= start < end, "there is no certificate in the PEM text")
    return ssl.PEM_cert_to_DER_cert(pem[start:end] + "-----END CERTIFICATE-----\n")


def check_cdhash(wrapper, directory):
    """The property list in Apple's signed attribute names the code directory by its hash cut to 20 bytes."""
    start, end = wrapper.find(b"<?xml"), wrapper.find(b"</plist>")
    need(0 <= start < end, "the signature does not name the code directory")
    try:
        hashes = plistlib.loads(wrapper[start : end + 8])["cdhashes"]
    except (plistlib.InvalidFileException, KeyError, ValueError) as error:
        raise Broken(f"the list of code directories cannot be read: {error}") from error
    need(hashes == [hashlib.sha256(directory).digest()[:20]], "the signature names another code directory")


def check(data, identifier, team=None, signed=False, certificate=None):
    """Checks a whole file; returns {architecture: (program, directory)}."""
    found = {}
    for name, inner in slices(data):
        try:
            found[name] = check_slice(inner, identifier, team, signed, certificate)
        except Broken as error:
            raise Broken(f"{name}: {error}") from error
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--identifier", required=True)
    parser.add_argument("--team")
    parser.add_argument("--signed", action="store_true", help="expect a certificate's signature, not an ad-hoc one")
    parser.add_argument("--certificate", help="PEM file with the certificate that it must be signed with")
    options = parser.parse_args()
    try:
        with open(options.file, "rb") as file:
            data = file.read()
        certificate = None
        if options.certificate:
            with open(options.certificate, encoding="ascii") as file:
                certificate = file.read()
        found = check(data, options.identifier, options.team, options.signed or certificate is not None, certificate)
    except (OSError, Broken) as error:
        print(f"{options.file}: {error}", file=sys.stderr)
        return 1
    for name, (program, directory) in found.items():
        info = plistlib.loads(program.info)
        print(f"{name}: {len(program.data)} bytes, {directory.pages} pages, macOS {version(program.minimum)}, "
              f"hardened runtime {version(directory.runtime)}, {info['CFBundleIdentifier']} {info['CFBundleVersion']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
