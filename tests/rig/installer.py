#!/usr/bin/env python3
"""Inside the rig: /usr/sbin/installer for a product archive of one component, and /usr/sbin/pkgutil for its receipt.

    installer -pkg FILE -target VOLUME
    pkgutil [--volume VOLUME] --pkgs | --pkg-info ID | --files ID | --forget ID

As the real one it runs the scripts with the environment of whoever started it, follows folders that are there, replaces files by
renaming, and leaves a receipt only where everything went well. Modelled on what is documented of packages; nothing here is
proof of what a Mac does."""

import gzip
import os
import pathlib
import plistlib
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
import zlib

RECEIPTS = "private/var/db/receipts"
# The PATH that scripts are given, after whatever else whoever installs has in the environment.
PATH = "/bin:/sbin:/usr/bin:/usr/sbin:/usr/libexec"


def no(*why):
    print("installer:", *why, file=sys.stderr)
    sys.exit(1)


def archive(path):
    """The files of a xar archive by their paths."""
    raw = pathlib.Path(path).read_bytes()
    magic, header, version, packed, plain, _ = struct.unpack(">4sHHQQI", raw[:28])
    if (magic, version) != (b"xar!", 1):
        no(f"{path} is no package")
    toc = zlib.decompress(raw[header:header + packed])
    if len(toc) != plain:
        no(f"{path}: its table of contents is cut")
    heap, found = header + packed, {}

    def walk(node, above):
        for file in node.findall("file"):
            name = above + file.findtext("name")
            if file.findtext("type") == "directory":
                walk(file, name + "/")
                continue
            data = file.find("data")
            start = heap + int(data.findtext("offset"))
            body = raw[start:start + int(data.findtext("length"))]
            style = data.find("encoding").get("style")
            found[name] = zlib.decompress(body) if style == "application/x-gzip" else body

    walk(xml.fromstring(toc).find("toc"), "")
    return found


def cpio(packed):
    """The entries of a compressed odc archive: name, mode, owner, group, content."""
    raw, at = gzip.decompress(packed), 0
    while True:
        head = raw[at:at + 76]
        if head[:6] != b"070707":
            no("the archive in the package is damaged")
        mode, uid, gid = (int(head[start:start + 6], 8) for start in (18, 24, 30))
        length, size = int(head[59:65], 8), int(head[65:76], 8)
        name = raw[at + 76:at + 76 + length - 1].decode()
        body = at + 76 + length
        at = body + size
        if name == "TRAILER!!!":
            return
        yield name, mode, uid, gid, raw[body:at]


class Package:
    """What is in a product archive with one component."""

    def __init__(self, path):
        files = archive(path)
        self.path = os.path.abspath(path)
        component, = (name.rsplit("/", 1)[0] for name in files if name.endswith("/PackageInfo"))
        info = xml.fromstring(files[f"{component}/PackageInfo"])
        self.id, self.version = info.get("identifier"), info.get("version")
        self.location = info.get("install-location", "/").strip("/")
        self.overwrites = info.get("overwrite-permissions") == "true"
        self.payload = list(cpio(files[f"{component}/Payload"]))
        self.scripts = list(cpio(files[f"{component}/Scripts"]))
        options = xml.fromstring(files["Distribution"]).find("options")
        self.only_root = options is not None and options.get("rootVolumeOnly") == "true"


def place(entry, root, overwrites):
    """Puts one entry of the payload below `root`, through whatever links are on the way."""
    name, mode, uid, gid, body = entry
    path = os.path.normpath(os.path.join(root, name))
    if stat.S_ISDIR(mode):
        was = os.path.isdir(path)
        if not was:
            os.mkdir(path)
        if overwrites or not was:
            os.chown(path, uid, gid)
            os.chmod(path, stat.S_IMODE(mode))
        return
    beside = os.path.join(os.path.dirname(path), f".BC.T_{os.path.basename(path)}")
    with open(beside, "wb") as file:
        file.write(body)
    os.chown(beside, uid, gid)
    os.chmod(beside, stat.S_IMODE(mode))
    os.rename(beside, path)


def run(script, package, volume, sandbox):
    """One of the package's scripts, where it has it."""
    program = sandbox / script
    if not program.exists():
        return
    print(f"installer: {script}")
    sys.stdout.flush()
    target = os.path.join(volume, package.location)
    environment = os.environ | {
        "PACKAGE_PATH": package.path, "DSTROOT": target, "DSTVOLUME": volume, "SCRIPT_NAME": script,
        "INSTALLER_TEMP": str(sandbox.parent), "COMMAND_LINE_INSTALL": "1"}
    environment.setdefault("PATH", PATH)
    ended = subprocess.run([program, package.path, target, volume, "/"], cwd=sandbox, env=environment,
                           stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=False)
    if ended.returncode != 0:
        no(f"The install failed. ({script} ended with {ended.returncode})")


def receipt(package, volume):
    """Leaves word of the package on the volume."""
    receipts = pathlib.Path(volume, RECEIPTS)
    receipts.mkdir(parents=True, exist_ok=True)
    paths = [entry[0].removeprefix("./") for entry in package.payload if entry[0] != "."]
    (receipts / f"{package.id}.plist").write_bytes(plistlib.dumps(
        {"PackageIdentifier": package.id, "PackageVersion": package.version, "InstallPrefixPath": package.location or "/"}))
    (receipts / f"{package.id}.bom").write_text("\n".join(paths) + "\n")


def install(path, volume):
    package = Package(path)
    if os.getuid() != 0:
        no("must be run as root")
    if package.only_root and volume != "/":
        no("this package is for the started volume only")
    sandbox = pathlib.Path(tempfile.mkdtemp(prefix="PKInstallSandbox.", dir="/private/var/db")) / "Scripts"
    try:
        sandbox.mkdir()
        for name, mode, _, _, body in package.scripts:
            if stat.S_ISREG(mode):
                (sandbox / name).write_bytes(body)
                (sandbox / name).chmod(stat.S_IMODE(mode))
        run("preinstall", package, volume, sandbox)
        root = os.path.join(volume, package.location)
        for entry in package.payload:
            if entry[0] != ".":
                place(entry, root, package.overwrites)
        run("postinstall", package, volume, sandbox)
    finally:
        shutil.rmtree(sandbox.parent)
    receipt(package, volume)
    print("installer: The install was successful.")


def pkgutil(arguments):
    volume = "/"
    if arguments[:1] == ["--volume"]:
        volume, arguments = arguments[1], arguments[2:]
    receipts = pathlib.Path(volume, RECEIPTS)
    match arguments:
        case ["--pkgs"]:
            print(*sorted(receipt.stem for receipt in receipts.glob("*.plist")), sep="\n")
            return
        case [verb, name] if not (receipts / f"{name}.plist").exists():
            print(f"No receipt for '{name}' found at '{volume}'.", file=sys.stderr)
            sys.exit(1)
        case ["--pkg-info", name]:
            found = plistlib.loads((receipts / f"{name}.plist").read_bytes())
            print(f"package-id: {name}\nversion: {found['PackageVersion']}\nvolume: {volume}\nlocation: ")
            print("install-time: 1795341600")
        case ["--files", name]:
            print((receipts / f"{name}.bom").read_text(), end="")
        case ["--forget", name]:
            for suffix in ("plist", "bom"):
                (receipts / f"{name}.{suffix}").unlink()
            print(f"Forgot package '{name}' on '{volume}'.")
        case _:
            sys.exit(f"pkgutil: this one does not know {arguments}")


def main(own, arguments):
    if os.path.basename(own) == "pkgutil":
        return pkgutil(arguments)
    match arguments:
        case ["-pkg", path, "-target", volume]:
            install(path, volume)
        case _:
            sys.exit("usage: installer -pkg FILE -target VOLUME")


if __name__ == "__main__":
    main(sys.argv[0], sys.argv[1:])
