#!/usr/bin/env python3
"""Reads a macOS installer package: the xar archive, the cpio archives and the bill of materials in it.

Strict on purpose: whatever is not of the exact form that ours have is refused, so that no byte can be another one without
it being seen. Shares no code with what writes packages.
"""

import hashlib
import os
import re
import stat
import struct
import xml.etree.ElementTree as ElementTree
import zlib

from check_codesign import Broken, need, unpack

GZIP_HEADER = bytes.fromhex("1f8b08000000000002ff")


class Archive:
    """A xar archive: its files by path, the digest of its table of contents, and its signatures by kind."""

    def __init__(self, data):
        magic, size, number, packed, plain, algorithm = unpack(">4sHHQQI", data, 0, "the archive's header")
        need((magic, size, number, algorithm) == (b"xar!", 28, 1, 1), "the archive's header is not that of a SHA-1 xar archive")
        table = data[28 : 28 + packed]
        need(len(table) == packed, "the table of contents runs past the end")
        self.heap, self.table = data[28 + packed :], table
        text = inflate(table, plain, "the table of contents")
        self.digest = hashlib.sha1(table).digest()
        self.files, self.ranges, self.folders = {}, [], []
        toc = element(parse(text, "the table of contents"), "toc")
        sum_at = self._range(element(toc, "checksum"), "sha1", "the table's checksum")
        need(sum_at == self.digest, "the table of contents is not the one of the checksum")
        self.signatures = {}
        for name in ("signature", "x-signature"):
            for found in toc.findall(name):
                content = self._range(found, found.get("style"), name)
                chain = [re.sub(r"\s", "", entry.text or "") for entry in found.iter() if entry.tag.endswith("X509Certificate")]
                self.signatures[found.get("style")] = (content, chain)
        for entry in toc.findall("file"):
            self._file(entry, "")
        at = 0
        for start, length, name in sorted(self.ranges):
            need(start == at, f"{name} begins at byte {start} of the heap, what is before it ends at {at}")
            at += length
        need(at == len(self.heap), f"{len(self.heap) - at} bytes follow the last file")

    def _range(self, node, style, name):
        need(node.get("style") == style, f"{name} is of kind {node.get('style')!r}, not {style!r}")
        start, length = number_in(node, "offset"), number_in(node, "size")
        need(start + length <= len(self.heap), f"{name} runs past the end")
        self.ranges.append((start, length, name))
        return self.heap[start : start + length]

    def _file(self, node, above):
        name = element(node, "name").text or ""
        need(name and "/" not in name and name not in (".", ".."), f"{name!r} is no file name")
        path, kind = above + name, element(node, "type").text
        owner = [element(node, word).text for word in ("uid", "user", "gid", "group")]
        need(owner == ["0", "root", "0", "wheel"], f"{path} belongs to {owner}")
        need(path not in self.files and path not in self.folders, f"{path} is there twice")
        if kind == "directory":
            self.folders.append(path)
            for child in node.findall("file"):
                self._file(child, path + "/")
            return
        need(kind == "file", f"{path} is of type {kind!r}")
        data = element(node, "data")
        start, length, size = (number_in(data, word) for word in ("offset", "length", "size"))
        need(start + length <= len(self.heap), f"{path} runs past the end")
        self.ranges.append((start, length, path))
        stored = self.heap[start : start + length]
        style = element(data, "encoding").get("style")
        need(style in ("application/x-gzip", "application/octet-stream"), f"{path} is encoded as {style!r}")
        need(sha1(data, "archived-checksum") == hashlib.sha1(stored).hexdigest(), f"{path} is not what was archived")
        content = inflate(stored, size, path) if style == "application/x-gzip" else stored
        need(len(content) == size, f"{path} has {len(content)} bytes, not {size}")
        need(sha1(data, "extracted-checksum") == hashlib.sha1(content).hexdigest(), f"{path} is not what it was")
        self.files[path] = content


def parse(text, what):
    """The root of an XML text without a document type, so that it holds what it says and nothing else."""
    need(b"<!DOCTYPE" not in text and b"<!ENTITY" not in text, f"{what} declares entities")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise Broken(f"{what} is not well-formed: {error}") from error


def element(node, name):
    """The one child of that name."""
    found = node.findall(name)
    need(len(found) == 1, f"<{node.tag}> has {len(found)} <{name}>, not one")
    return found[0]


def number_in(node, name):
    """The number in a child."""
    text = element(node, name).text or ""
    need(re.fullmatch(r"[0-9]{1,12}", text), f"<{name}> is {text!r}, not a number")
    return int(text)


def sha1(node, name):
    """The checksum in a child, which must be a SHA-1."""
    found = element(node, name)
    need(found.get("style") == "sha1", f"<{name}> is of kind {found.get('style')!r}")
    return found.text


def inflate(data, size, what, window=15):
    """Decompresses all of the data into exactly that many bytes (any number where size is None)."""
    machine = zlib.decompressobj(window)
    try:
        out = machine.decompress(data) if size is None else machine.decompress(data, size + 1)
    except zlib.error as error:
        raise Broken(f"{what} cannot be decompressed: {error}") from error
    need(machine.eof and not machine.unused_data and not machine.unconsumed_tail, f"{what} does not end where it should")
    need(size is None or len(out) == size, f"{what} has {len(out)} bytes, not {size}")
    return out


class Item:
    """A file or folder as an archive or a bill of materials has it. `data` and `sum` are None where it does not say."""

    def __init__(self, path, mode, uid, gid, mtime, data=None, size=None, checksum=None):
        self.path, self.mode, self.uid, self.gid, self.mtime = path, mode, uid, gid, mtime
        self.data, self.size, self.sum = data, size, checksum

    @property
    def is_dir(self):
        return stat.S_ISDIR(self.mode)


def entries(items, path):
    """How many entries a folder has itself."""
    return sum(1 for other in items if other != "." and (os.path.dirname(other) or ".") == path)


def read_cpio(packed, what):
    """The items of a gzip-compressed cpio archive in the form odc, by path without "./", the root as "."."""
    need(packed[:10] == GZIP_HEADER, f"{what} is not compressed as ours is")
    data, at, found, links = inflate(packed, None, what, 31), 0, {}, {}
    while True:
        head = data[at : at + 76]
        need(re.fullmatch(rb"070707[0-7]{70}", head), f"{what} has no odc header at byte {at}")
        field = lambda start, length: int(head[start : start + length], 8)
        dev, inode, mode, uid, gid, count, rdev = (field(start, 6) for start in range(6, 48, 6))
        mtime, names, size = field(48, 11), field(59, 6), field(65, 11)
        name = data[at + 76 : at + 76 + names]
        need(name.endswith(b"\0") and b"\0" not in name[:-1], f"{what} has a name that does not end at byte {at}")
        name, at = name[:-1].decode("utf-8", "surrogateescape"), at + 76 + names
        if name == "TRAILER!!!":
            need((dev, inode, mode, uid, gid, count, rdev, mtime, size) == (0, 0, 0, 0, 0, 1, 0, 0, 0), f"{what} has an odd end")
            need( not any(data[at:]) and len(data) % 512 == 0, f"{what} does not end after its last entry")
            for path, item in found.items():
                need(links[path] == (2 + entries(found, path) if item.is_dir else 1), f"{path} is linked {links[path]} times in {what}")
            return found
        need(at + size <= len(data), f"{name} runs past the end of {what}")
        need(name == "." or name.startswith("./"), f"{name} in {what} does not begin with ./")
        path = name[2:] or "."
        need(path not in found, f"{path} is in {what} twice")
        need(path == "." or all(part not in ("", ".", "..") for part in path.split("/")), f"{path} leads out of {what}")
        parent = found.get(os.path.dirname(path) or ".")
        need(not found if path == "." else parent is not None and parent.is_dir, f"{path} comes before its folder in {what}")
        need((dev, rdev, inode) == (0, 0, len(found) + 1), f"{path} is not counted as ours are in {what}")
        need(stat.S_ISDIR(mode) and size == 0 or stat.S_ISREG(mode), f"{path} is neither file nor folder in {what}")
        links[path] = count
        found[path] = Item(path, mode, uid, gid, mtime, data[at : at + size], size)
        at += size


def read_bom(data):
    """The items of a bill of materials by path, as in read_cpio. Every block must be used, and nothing lie between two."""
    magic, number, used, index_at, index_size, names_at, names_size = unpack(">8s6I", data, 0, "the Bom's header")
    need((magic, number) == (b"BOMStore", 1) and not any(data[32:512]), "the Bom's header is not one")
    count, = unpack(">I", data, index_at, "the Bom's index")
    need(index_size == 4 + 8 * count + 20 and index_at + index_size == len(data), "the Bom's index does not end the file")
    need(not any(data[index_at + 4 + 8 * count :]) and used == count - 1, "the Bom's list of free blocks is not empty")
    places = [unpack(">2I", data, index_at + 4 + 8 * block, "the Bom's index") for block in range(count)]
    need(places[:1] == [(0, 0)], "the Bom's first block is not empty")
    at, seen = 512, {0}
    for start, length in [*places[1:], (names_at, names_size)]:
        need(start == at and length, "the Bom's blocks do not follow each other")
        at += length
    need(at == index_at, "the Bom's index does not follow its blocks")

    def block(number):
        need(number < count and number not in seen, f"block {number} of the Bom is used twice or missing")
        seen.add(number)
        start, length = places[number]
        return data[start : start + length]

    def leaf(tree):
        """The pairs of a tree that is one leaf."""
        need(len(tree) == 21, "a tree of the Bom is of another size")
        name, kind, child, size, paths, end = struct.unpack(">4s4IB", tree)
        need((name, kind, end) == (b"tree", 1, 0), "a tree of the Bom is none")
        page = block(child)
        flag, pairs, forward, backward = unpack(">2H2I", page, 0, "a leaf of the Bom")
        need((flag, forward, backward, pairs, len(page)) == (1, 0, 0, paths, size), "a tree of the Bom is not one leaf")
        need(not any(page[12 + 8 * pairs :]), "something stands behind the pairs of a leaf of the Bom")
        return [unpack(">2I", page, 12 + 8 * pair, "a leaf of the Bom") for pair in range(pairs)]

    names, at = {}, names_at + 4
    for _ in range(*unpack(">I", data, names_at, "the Bom's names")):
        number, length = unpack(">IB", data, at, "the Bom's names")
        names[data[at + 5 : at + 5 + length].decode("ascii", "replace")] = number
        at += 5 + length
    need(at == names_at + names_size, "the Bom's names do not fill their place")
    need(list(names) == ["BomInfo", "Paths", "HLIndex", "VIndex", "Size64"], f"the Bom names {list(names)}")
    need(not leaf(block(names["HLIndex"])) and not leaf(block(names["Size64"])), "the Bom has an index that should be empty")
    first, child, *rest = struct.unpack(">2IIB", block(names["VIndex"]))
    need((first, rest) == (1, [0, 0]) and not leaf(block(child)), "the Bom's VIndex is not empty")

    found, numbers, previous = {}, {0: None}, None
    for path_block, name_block in leaf(block(names["Paths"])):
        number, record = struct.unpack(">2I", block(path_block))
        record, name = block(record), block(name_block)
        parent, = unpack(">I", name, 0, "a name of the Bom")
        name = name[4:]
        need(parent in numbers and number == len(found) + 1, f"number {number} of the Bom is not the next, or before its folder")
        need(name.endswith(b"\0") and b"/" not in name and b"\0" not in name[:-1], f"{name!r} is no name in the Bom")
        need(previous is None or previous < (parent, name), f"{name!r} is out of order in the Bom")
        previous = (parent, name)
        name = name[:-1].decode("utf-8", "surrogateescape")
        path = name if parent == 0 else name if numbers[parent] == "." else f"{numbers[parent]}/{name}"
        need(path not in found, f"{path} is in the Bom twice")
        kind, one, arch, mode, uid, gid, mtime, size, two, checksum, link = unpack(">2B2H4IB2I", record, 0, "a record of the Bom")
        file = stat.S_ISREG(mode)
        need((kind, one, arch, two, link) == (1 if file else 2, 1, 15, 1, 0), f"{path} has an odd record in the Bom")
        need(len(record) == (35 if file else 31) and not any(record[31:]), f"{path} has a record of another size in the Bom")
        need(file or stat.S_ISDIR(mode) and checksum == 0, f"{path} is neither file nor folder in the Bom")
        numbers[number] = path
        found[path] = Item(path, mode, uid, gid, mtime, None, size, checksum if file else None)
    total = sum(item.size for item in found.values() if not item.is_dir)
    info = struct.pack(">7I", 1, len(found) + 1, 1, 0, 0, total, 0)
    need(block(names["BomInfo"]) == info, "the Bom's totals are not those of its paths")
    need(len(seen) == count, f"the Bom has {count - len(seen)} blocks that nothing uses")
    return found


TABLE = []
for _byte in range(256):
    _value = _byte << 24
    for _ in range(8):
        _value = (_value << 1 ^ (0x04C11DB7 if _value & 0x80000000 else 0)) & 0xFFFFFFFF
    TABLE.append(_value)


def cksum(data):
    """The CRC of POSIX cksum, as POSIX writes it down: over the bytes, then over their number, least byte first."""
    value = 0
    for byte in data:
        value = value << 8 & 0xFFFFFFFF ^ TABLE[value >> 24 ^ byte]
    length = len(data)
    while length:
        value = value << 8 & 0xFFFFFFFF ^ TABLE[value >> 24 ^ length & 0xFF]
        length >>= 8
    return value ^ 0xFFFFFFFF
