#!/usr/bin/env python3
"""Writes a macOS installer package, a product archive with one component, from a folder that holds what is installed.

It needs nothing but Python, and the same folder gives the same bytes: owners are 0:0, times are SOURCE_DATE_EPOCH
(2000-01-01 without it), and everything is in order of name. Formats: a xar archive of a bill of materials (Bom), two
gzip-compressed cpio archives in the portable form "odc" (Payload, Scripts), and three texts (PackageInfo, Distribution,
resources). check_pkg.py reads the result back and shares no code with this.
"""

import argparse
import hashlib
import os
import stat
import struct
import sys
import time
import xml.sax.saxutils
import zlib

DEFAULT_EPOCH = 946684800
# One leaf of the Bom's tree of paths holds this many; a tree of several leaves is not needed and so not written.
MOST_PATHS = 509
# A script of the package that does not end is ended by the installer after these seconds.
SCRIPT_TIMEOUT = 600
SCRIPTS = ("preinstall", "postinstall")
# No name, no time, compressed hard, by an unknown system (RFC 1952).
GZIP_HEADER = bytes.fromhex("1f8b08000000000002ff")


class Refused(Exception):
    """What was asked for cannot be packaged."""


class Entry:
    """One file or folder: its path from the root ('.' for the root itself), mode with type bits, content, children."""

    def __init__(self, path, mode, data):
        self.path, self.mode, self.data, self.children = path, mode, data, 0

    @property
    def is_dir(self):
        return stat.S_ISDIR(self.mode)

    @property
    def size(self):
        """Bytes of a file; for a folder what APFS says: 32 bytes for each entry, with . and .. among them."""
        return 32 * (self.children + 2) if self.is_dir else len(self.data)


def tree(root):
    """Every entry below a folder, each parent before its children, children in order of their names' bytes."""
    entries = []

    def add(folder, name):
        info = os.lstat(folder)
        if stat.S_ISDIR(info.st_mode):
            entry = Entry(name, stat.S_IFDIR | stat.S_IMODE(info.st_mode), b"")
            entries.append(entry)
            children = sorted(os.listdir(folder), key=os.fsencode)
            entry.children = len(children)
            for child in children:
                if child == ".DS_Store" or child.startswith("._"):
                    raise Refused(f"{folder}/{child} is the Finder's and belongs in no package")
                add(os.path.join(folder, child), f"{name}/{child}")
        elif stat.S_ISREG(info.st_mode):
            with open(folder, "rb") as file:
                entries.append(Entry(name, stat.S_IFREG | stat.S_IMODE(info.st_mode), file.read()))
        else:
            raise Refused(f"{folder} is neither a file nor a folder")

    add(root, ".")
    return entries


def cpio(entries, epoch):
    """A gzip-compressed odc archive. Names begin with "./": without it notarisation cannot read the package."""
    out = bytearray()
    for inode, entry in enumerate(entries, 1):
        name = os.fsencode(entry.path) + b"\0"
        links = 2 + entry.children if entry.is_dir else 1
        out += b"070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o" % (
            0, inode, entry.mode, 0, 0, links, 0, epoch, len(name), len(entry.data))
        out += name + entry.data
    name = b"TRAILER!!!\0"
    out += b"070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o" % (0, 0, 0, 0, 0, 1, 0, 0, len(name), 0) + name
    out += b"\0" * (-len(out) % 512)
    # Python's gzip writes another header from version to version.
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = machine.compress(bytes(out)) + machine.flush()
    return GZIP_HEADER + packed + struct.pack("<II", zlib.crc32(out), len(out) & 0xFFFFFFFF)


REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def cksum(data):
    """The CRC of POSIX cksum. zlib's runs over the bits in the other order, so bytes and result are turned round."""
    length, tail = len(data), bytearray()
    while length:
        tail.append(length & 0xFF)
        length >>= 8
    # Starting from all ones undoes zlib's own inversion of its start.
    turned = zlib.crc32((data + bytes(tail)).translate(REVERSED), 0xFFFFFFFF)
    return int(f"{turned:032b}"[::-1], 2)


def bom(entries, epoch):
    """The bill of materials: a store of numbered blocks, five of them named, with the paths in a tree."""
    if len(entries) > MOST_PATHS:
        raise Refused(f"{len(entries)} paths are more than the {MOST_PATHS} that one leaf of a Bom holds")
    blocks = [b""]

    def block(data):
        blocks.append(data)
        return len(blocks) - 1

    def empty_tree(size):
        leaf = block(struct.pack(">HHII", 1, 0, 0, 0).ljust(size, b"\0"))
        return block(struct.pack(">4sIIIIB", b"tree", 1, leaf, size, 0, 0))

    total = sum(len(entry.data) for entry in entries)
    named = [("BomInfo", block(struct.pack(">III4I", 1, len(entries) + 1, 1, 0, 0, total, 0)))]
    # Numbered breadth first, so that the order by (parent's number, name) is the order of the numbers.
    ordered = sorted(entries, key=lambda entry: (entry.path.count("/"), os.fsencode(entry.path).split(b"/")))
    numbers, records = {}, []
    for number, entry in enumerate(ordered, 1):
        numbers[entry.path] = number
        parent, name = entry.path.rpartition("/")[::2]
        record = struct.pack(">BBHHIIIIBII", 2 if entry.is_dir else 1, 1, 15, entry.mode, 0, 0, epoch, entry.size, 1,
                             0 if entry.is_dir else cksum(entry.data), 0)
        path = block(struct.pack(">II", number, block(record + (b"" if entry.is_dir else b"\0" * 4))))
        records.append((path, block(struct.pack(">I", numbers.get(parent, 0)) + os.fsencode(name) + b"\0")))
    leaf = struct.pack(">HHII", 1, len(records), 0, 0) + b"".join(struct.pack(">II", *pair) for pair in records)
    leaf = block(leaf.ljust(4096, b"\0"))
    named.append(("Paths", block(struct.pack(">4sIIIIB", b"tree", 1, leaf, 4096, len(records), 0))))
    named.append(("HLIndex", empty_tree(4096)))
    named.append(("VIndex", block(struct.pack(">IIIB", 1, empty_tree(128), 0, 0))))
    named.append(("Size64", empty_tree(128)))

    body, index, at = b"", b"", 512
    for data in blocks:
        index += struct.pack(">II", at + len(body) if data else 0, len(data))
        body += data
    names = struct.pack(">I", len(named))
    for name, number in named:
        names += struct.pack(">IB", number, len(name)) + name.encode()
    # The list of free blocks: none, and the two empty places without which Apple's lsbom gives up.
    index = struct.pack(">I", len(blocks)) + index + b"\0" * 20
    names_at = at + len(body)
    head = struct.pack(">8sIIIIII", b"BOMStore", 1, len(blocks) - 1, names_at + len(names), len(index), names_at, len(names))
    return head.ljust(at, b"\0") + body + names + index


def install_kbytes(entries):
    """What pkgbuild reckons: every entry but the root in blocks of 512 bytes, in whole kilobytes, rounded up."""
    return -(-sum(-(-entry.size // 512) for entry in entries[1:]) // 2)


def package_info(identifier, version, entries, scripts):
    """The component's description, as pkgbuild writes it for a payload without bundles."""
    quote = xml.sax.saxutils.quoteattr
    names = [name for name in SCRIPTS if any(entry.path == f"./{name}" for entry in scripts)]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<pkg-info overwrite-permissions="true" relocatable="false" identifier={quote(identifier)} '
        f'postinstall-action="none" version={quote(version)} format-version="2" install-location="/" auth="root">',
        f'    <payload numberOfFiles="{len(entries)}" installKBytes="{install_kbytes(entries)}"/>',
        *(f"    <{name}/>" for name in ("bundle-version", "upgrade-bundle", "update-bundle", "atomic-update-bundle",
                                        "strict-identifier", "relocate")),
        "    <scripts>",
        *(f'        <{name} file="./{name}" timeout="{SCRIPT_TIMEOUT}"/>' for name in names),
        "    </scripts>",
        "</pkg-info>",
        "",
    ]
    return "\n".join(lines).encode()


class Xar:
    """A xar archive in the making: the heap after the table of contents, and the table's text."""

    def __init__(self, epoch):
        self.heap, self.files, self.next_id = bytearray(20), [], 1
        self.time = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(epoch))

    def _meta(self, name, kind, mode, depth):
        pad = " " * (2 * depth)
        stamps = [f"<{word}>{self.time}Z</{word}>" for word in ("ctime", "mtime", "atime")]
        text = [f'<file id="{self.next_id}">', *stamps, f"<name>{xml.sax.saxutils.escape(name)}</name>",
                f"<type>{kind}</type>", f"<mode>{mode:04o}</mode>", "<uid>0</uid>", "<user>root</user>",
                "<gid>0</gid>", "<group>wheel</group>"]
        self.next_id += 1
        return [pad + text[0], *(f"{pad}  {line}" for line in text[1:])]

    def add(self, name, data, packed, depth=2):
        """Adds one file; packed data is stored as zlib does it, under the name that Apple's xar gives that."""
        stored = zlib.compress(data, 9) if packed else data
        style = "application/x-gzip" if packed else "application/octet-stream"
        pad = " " * (2 * depth)
        self.files += self._meta(name, "file", 0o644, depth)
        self.files += [f"{pad}  {line}" for line in (
            "<data>",
            f"  <length>{len(stored)}</length>", f"  <offset>{len(self.heap)}</offset>", f"  <size>{len(data)}</size>",
            f'  <encoding style="{style}"/>',
            f'  <archived-checksum style="sha1">{hashlib.sha1(stored).hexdigest()}</archived-checksum>',
            f'  <extracted-checksum style="sha1">{hashlib.sha1(data).hexdigest()}</extracted-checksum>',
            "</data>")]
        self.files.append(f"{pad}</file>")
        self.heap += stored

    def folder(self, name, members):
        """Adds a folder of files, (name, data, packed) each."""
        self.files += self._meta(name, "directory", 0o755, 2)
        for member in members:
            self.add(*member, depth=3)
        self.files.append("    </file>")

    def bytes(self):
        """The archive. SHA-1 is what every reader of packages knows; the signature, not this sum, says who made it."""
        toc = "\n".join([
            '<?xml version="1.0" encoding="UTF-8"?>', "<xar>", "  <toc>", '    <checksum style="sha1">',
            "      <offset>0</offset>", "      <size>20</size>", "    </checksum>",
            f"    <creation-time>{self.time}</creation-time>", *self.files, "  </toc>", "</xar>", ""]).encode()
        packed = zlib.compress(toc, 9)
        self.heap[:20] = hashlib.sha1(packed).digest()
        return struct.pack(">4sHHQQI", b"xar!", 28, 1, len(packed), len(toc), 1) + packed + bytes(self.heap)


def fill(template, values):
    """A text with every @NAME@ in it replaced; one that has no value is an error."""
    for name, value in values.items():
        template = template.replace(f"@{name}@", value)
    if "@" in template:
        raise Refused(f"the Distribution has a place that nothing fills: {template[template.index('@'):][:40]!r}")
    return template


def build(root, scripts, resources, distribution, identifier, version, minimum_macos, name, epoch):
    """The package's bytes. All but the last five arguments are paths."""
    payload, actions = tree(root), tree(scripts)
    for entry in actions[1:]:
        entry.mode = entry.mode & ~0o7777 | 0o755
    with open(distribution, encoding="utf-8") as file:
        text = fill(file.read(), {
            "IDENTIFIER": identifier, "VERSION": version, "MINIMUM_MACOS": minimum_macos,
            "COMPONENT_ATTRIBUTES": f' installKBytes="{install_kbytes(payload)}" updateKBytes="0"',
            "COMPONENT_REF": f"#{name}.pkg"})
    xar = Xar(epoch)
    xar.folder(f"{name}.pkg", [
        ("Bom", bom(payload, epoch), True), ("Payload", cpio(payload, epoch), False),
        ("Scripts", cpio(actions, epoch), False),
        ("PackageInfo", package_info(identifier, version, payload, actions), True)])
    shown = tree(resources)
    if any(entry.is_dir for entry in shown[1:]):
        raise Refused(f"{resources} has a folder in it; the installer's texts are files")
    xar.folder("Resources", [(entry.path[2:], entry.data, True) for entry in shown[1:]])
    xar.add("Distribution", text.encode(), True)
    return xar.bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("root", "scripts", "resources", "distribution", "identifier", "version", "minimum-macos", "name", "out"):
        parser.add_argument(f"--{name}", required=True)
    options = vars(parser.parse_args())
    out = options.pop("out")
    try:
        data = build(**options, epoch=int(os.environ.get("SOURCE_DATE_EPOCH") or DEFAULT_EPOCH))
        with open(out, "wb") as file:
            file.write(data)
    except (OSError, ValueError, Refused) as error:
        print(f"mkpkg: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
