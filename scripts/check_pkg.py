#!/usr/bin/env python3
"""Checks a macOS installer package of ours, from the archive's every byte to what each file may do once installed.

Reads the package by itself: it shares no code with what writes it, and asks bsdtar, 7z, xmllint, cksum and openssl
where they are there. Strict on purpose: a package that another tool made, or that a ticket was stapled to, is not of the
form that is expected here.
"""

import argparse
import hashlib
import os
import plistlib
import re
import shutil
import stat
import struct
import subprocess
import sys
import tempfile

import check_codesign
from check_codesign import Broken, need
from read_pkg import Archive, cksum, element, entries, parse, read_bom, read_cpio

BINARY = "Library/Holdfast/bin/holdfast"
JOB = "Library/LaunchDaemons/{}.plist"
# Everything that is installed, and its mode; folders on the way are 0755.
INSTALLED = {
    BINARY: 0o755,
    "Library/Holdfast/uninstall.sh": 0o755,
    "Library/Holdfast/share/man/man8/holdfast.8": 0o644,
    "Library/Holdfast/share/man/man5/holdfast-policy.5": 0o644,
    "Library/Holdfast/share/zsh/site-functions/_holdfast": 0o644,
    "Library/Holdfast/share/bash-completion/completions/holdfast": 0o644,
    "Library/Holdfast/share/fish/vendor_completions.d/holdfast.fish": 0o644,
    "Library/Holdfast/share/doc/LICENSE": 0o644,
    JOB.format("org.holdfast.agent"): 0o644,
    "private/etc/paths.d/holdfast": 0o644,
    "private/etc/manpaths.d/holdfast": 0o644,
}
TEXTS = {"private/etc/paths.d/holdfast": b"/Library/Holdfast/bin\n", "private/etc/manpaths.d/holdfast": b"/Library/Holdfast/share/man\n"}
SCRIPTS = ("preinstall", "postinstall")
OUR_MEMBERS = ("Bom", "Payload", "Scripts", "PackageInfo")
ARCHITECTURES = {"arm64", "x86_64"}


def check_tree(items, what):
    """Owners and modes of everything that an archive holds."""
    for item in items.values():
        mode = stat.S_IMODE(item.mode)
        need((item.uid, item.gid) == (0, 0), f"{item.path} in {what} belongs to {item.uid}:{item.gid}, not to root")
        need(not mode & 0o7000, f"{item.path} in {what} has mode {mode:o}: it must not be set-user-id, set-group-id or sticky")
        need(not mode & 0o022, f"{item.path} in {what} has mode {mode:o}: others than root could write to it")


def check_bom(bom, payload):
    """The Bom must say of every file what the payload has."""
    need(list(bom) and set(bom) == set(payload), f"Bom and payload differ in {sorted(set(bom) ^ set(payload))}")
    for path, item in payload.items():
        listed = bom[path]
        ours, theirs = (item.mode, item.uid, item.gid, item.mtime), (listed.mode, listed.uid, listed.gid, listed.mtime)
        need(ours == theirs, f"{path}: the payload has mode, owner and time {ours}, the Bom {theirs}")
        if item.is_dir:
            children = entries(payload, path)
            need(listed.size == 32 * (children + 2), f"{path} has another size in the Bom than its {children} entries give")
        else:
            need(listed.size == item.size, f"{path} has {item.size} bytes, the Bom says {listed.size}")
            need(listed.sum == cksum(item.data), f"{path} has another checksum in the Bom")


def check_scripts(scripts):
    """preinstall and postinstall are there, and every file is a script that /bin/sh runs."""
    check_tree(scripts, "Scripts")
    for name in SCRIPTS:
        need(name in scripts, f"there is no {name}")
    for path, item in scripts.items():
        if not item.is_dir:
            need(stat.S_IMODE(item.mode) == 0o755, f"{path} in Scripts has mode {stat.S_IMODE(item.mode):o}, not 755")
            need(item.data.startswith(b"#!/bin/sh\n"), f"{path} in Scripts does not begin with #!/bin/sh")


def check_package_info(text, identifier, version, payload):
    """The component's description. Returns its installKBytes."""
    info = parse(text, "PackageInfo")
    wanted = {"identifier": identifier, "version": version, "install-location": "/", "auth": "root", "format-version": "2",
              "overwrite-permissions": "true", "relocatable": "false", "postinstall-action": "none"}
    need(info.tag == "pkg-info" and info.attrib == wanted, f"PackageInfo says {info.attrib}, not {wanted}")
    said = element(info, "payload")
    need(said.get("numberOfFiles") == str(len(payload)), f"PackageInfo counts {said.get('numberOfFiles')} files, not {len(payload)}")
    # Half-kilobyte blocks of files and folders but the root, rounded up to kilobytes.
    blocks = 0
    for path, item in payload.items():
        size = 32 * (entries(payload, path) + 2) if item.is_dir else item.size
        blocks += 0 if path == "." else (size + 511) // 512
    need(said.get("installKBytes") == str((blocks + 1) // 2), f"PackageInfo says {said.get('installKBytes')} KB, not {(blocks + 1) // 2}")
    run = [(node.tag, node.get("file")) for node in element(info, "scripts")]
    need(run == [(name, f"./{name}") for name in SCRIPTS], f"PackageInfo runs {run}")
    return said.get("installKBytes")


def check_distribution(text, archive, component, identifier, version, minimum, kbytes):
    """What the installer is told of the whole."""
    root = parse(text, "Distribution")
    need(root.tag == "installer-gui-script" and root.get("minSpecVersion") == "2", "Distribution is of another version")
    need(not list(root.iter("script")) and not list(root.iter("installation-check")), "Distribution runs a script of its own")
    options = element(root, "options")
    hosts = set((options.get("hostArchitectures") or "").split(","))
    need(hosts == ARCHITECTURES, f"Distribution is for {sorted(hosts)}, not {sorted(ARCHITECTURES)}")
    need((options.get("customize"), options.get("require-scripts")) == ("never", "false"), "Distribution offers choices")
    need(element(root, "domains").get("enable_currentUserHome") == "false", "Distribution lets itself into a home folder")
    least = [node.get("min") for node in root.iter("os-version")]
    need(least == [minimum], f"Distribution asks for macOS {least}, not {minimum}")
    product = element(root, "product")
    need((product.get("id"), product.get("version")) == (identifier, version), "Distribution names another product")
    refs = [node for node in root.findall("pkg-ref") if node.text]
    need(len(refs) == 1, f"Distribution holds {len(refs)} packages, not one")
    seen = (refs[0].get("id"), refs[0].get("version"), refs[0].get("installKBytes"), refs[0].text.strip())
    wanted = (identifier, version, kbytes, f"#{component}")
    need(seen == wanted, f"Distribution refers to {seen}, not {wanted}")
    for node in root.iter():
        if node.get("file"):
            need(f"Resources/{node.get('file')}" in archive.files, f"Distribution names {node.get('file')}, which is not there")


def check_payload(payload, identifier, minimum, version, options):
    """What is installed is what was agreed on, and the program is the one that the package says."""
    check_tree(payload, "Payload")
    files = {path: stat.S_IMODE(item.mode) for path, item in payload.items() if not item.is_dir}
    need(files == INSTALLED, f"does not install what was agreed on: {sorted(set(files.items()) ^ set(INSTALLED.items()))}")
    for path, item in payload.items():
        need(not item.is_dir or stat.S_IMODE(item.mode) == 0o755, f"folder {path} has mode {stat.S_IMODE(item.mode):o}")
        need(item.is_dir or item.size, f"{path} is empty")
    for path, text in TEXTS.items():
        need(payload[path].data == text, f"{path} holds {payload[path].data!r}, not {text!r}")
    try:
        job = plistlib.loads(payload[JOB.format(identifier)].data)
    except (plistlib.InvalidFileException, ValueError) as error:
        raise Broken(f"the launchd job cannot be read: {error}") from error
    need(job.get("Label") == identifier, f"the launchd job is labelled {job.get('Label')!r}")
    program = job.get("Program") or (job.get("ProgramArguments") or [None])[0]
    need(program == f"/{BINARY}", f"the launchd job runs {program!r}")
    constraint = {"team-identifier": options.team, "signing-identifier": identifier} if options.team else None
    need(job.get("SpawnConstraint") == constraint, f"the launchd job's launch constraint is {job.get('SpawnConstraint')}, not {constraint}")
    if options.any_binary:
        return
    found = check_codesign.check(payload[BINARY].data, identifier, options.team, options.signed, options.certificate)
    need(set(found) == ARCHITECTURES, f"the program is for {sorted(found)}, not {sorted(ARCHITECTURES)}")
    for name, (program, _) in found.items():
        info = plistlib.loads(program.info)
        seen = {check_codesign.version(program.minimum), info["LSMinimumSystemVersion"]}
        need(seen == {minimum}, f"{name}: the program asks for macOS {sorted(seen)}, the package for {minimum}")
        seen = {info["CFBundleVersion"], info["CFBundleShortVersionString"]}
        need(seen == {version}, f"{name}: the program is version {sorted(seen)}, the package {version}")
        need(info["CFBundleIdentifier"] == identifier, f"{name}: the program calls itself {info['CFBundleIdentifier']}")


def check_signature(archive, certificate):
    """Both signatures of a package over the digest of its table of contents, with one and the same certificate."""
    need(set(archive.signatures) == {"RSA", "CMS"}, f"the package has the signatures {sorted(archive.signatures)}, not RSA and CMS")
    cms, chain = archive.signatures["CMS"]
    need(cms[:2] == b"\x30\x82", "the package's CMS signature is none")
    end = 4 + int.from_bytes(cms[2:4], "big")
    need(not any(cms[end:]), "what stands behind the package's CMS signature are not zeros")
    rsa, own = archive.signatures["RSA"]
    need(own and own == chain, "the package's two signatures name different certificates")
    pem = "-----BEGIN CERTIFICATE-----\n" + "\n".join(re.findall(".{1,64}", own[0])) + "\n-----END CERTIFICATE-----\n"
    need(certificate is None or check_codesign.der(pem) == check_codesign.der(certificate), "the package is signed with another certificate")
    check_codesign.check_cms(cms[:end], archive.digest, pem)
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("pem", "rsa")}
        for name, data in (("pem", pem.encode()), ("rsa", rsa)):
            with open(paths[name], "wb") as file:
                file.write(data)
        done = subprocess.run(["openssl", "pkeyutl", "-verifyrecover", "-certin", "-inkey", paths["pem"], "-in", paths["rsa"]],
                              capture_output=True)
    # The digest itself in Apple's way, or as rcodesign does it the SHA-256 of it; both wrapped as PKCS #1 asks.
    wrapped = {bytes.fromhex("3021300906052b0e03021a05000414") + archive.digest,
               bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(archive.digest).digest()}
    need(done.returncode == 0 and done.stdout in wrapped, "the package's RSA signature is not one of its table of contents")


def compare_with_tools(path, archive, component):
    """Asks the readers of others that are installed whether they see the same. Returns (asked, missing)."""
    asked, missing = [], []

    def run(*command):
        done = subprocess.run(command, capture_output=True)
        need(done.returncode == 0, f"{' '.join(command[:2])} ended with status {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    for tool in ("bsdtar", "7z", "xmllint", "cksum"):
        if not shutil.which(tool):
            missing.append(tool)
            continue
        with tempfile.TemporaryDirectory() as folder:
            if tool in ("bsdtar", "7z"):
                run(*(["bsdtar", "-xf", path, "-C", folder] if tool == "bsdtar" else ["7z", "x", "-y", f"-o{folder}", path]))
                seen = {}
                for at, _, names in os.walk(folder):
                    for name in names:
                        with open(os.path.join(at, name), "rb") as file:
                            seen[os.path.relpath(os.path.join(at, name), folder)] = file.read()
                # 7z unpacks the table of contents too.
                seen.pop("[TOC].xml", None)
                need(seen == archive.files, f"{tool} unpacks other files")
            if tool == "bsdtar":
                for name in ("Payload", "Scripts"):
                    listed = run("bsdtar", "--numeric-owner", "-tvf", os.path.join(folder, component, name)).decode()
                    items = read_cpio(archive.files[f"{component}/{name}"], name)
                    rows = [line.split() for line in listed.splitlines()]
                    seen = {(row[-1].removeprefix("./").rstrip("/") or "."): (row[0], row[2], row[3]) for row in rows}
                    ours = {item.path: (stat.filemode(item.mode), "0", "0") for item in items.values()}
                    need(seen == ours, f"bsdtar lists other entries in {name}")
            if tool == "xmllint":
                for name in ("Distribution", f"{component}/PackageInfo"):
                    at = os.path.join(folder, "text.xml")
                    with open(at, "wb") as file:
                        file.write(archive.files[name])
                    run("xmllint", "--noout", "--nonet", at)
            if tool == "cksum":
                for item in read_cpio(archive.files[f"{component}/Payload"], "Payload").values():
                    if not item.is_dir:
                        done = subprocess.run(["cksum"], input=item.data, capture_output=True, check=True)
                        need(int(done.stdout.split()[0]) == cksum(item.data), f"cksum gives another sum for {item.path}")
        asked.append(tool)
    return asked, missing


class Options:
    """How the package was made: with whose signature, and with what kind of program."""

    def __init__(self, team=None, signed=False, certificate=None, installer=None, any_binary=False):
        self.team, self.signed, self.certificate, self.installer, self.any_binary = team, signed, certificate, installer, any_binary


def check(data, identifier, version, minimum, options):
    """Checks a package's bytes; returns the archive and its component's name."""
    archive = Archive(data)
    if options.installer:
        check_signature(archive, options.installer)
    else:
        need(not archive.signatures, "is signed, and was not to be")
    components = [name for name in archive.folders if name.endswith(".pkg")]
    need(len(components) == 1, f"holds the components {components}, not one")
    component = components[0]
    for name in OUR_MEMBERS:
        need(f"{component}/{name}" in archive.files, f"has no {name}")
    strange = [name for name in archive.files
               if name != "Distribution" and not name.startswith("Resources/") and name not in {f"{component}/{own}" for own in OUR_MEMBERS}]
    need("Distribution" in archive.files and not strange, f"has no Distribution, or files that do not belong: {strange}")
    member = lambda name: archive.files[f"{component}/{name}"]
    payload = read_cpio(member("Payload"), "Payload")
    check_bom(read_bom(member("Bom")), payload)
    check_payload(payload, identifier, minimum, version, options)
    check_scripts(read_cpio(member("Scripts"), "Scripts"))
    kbytes = check_package_info(member("PackageInfo"), identifier, version, payload)
    check_distribution(archive.files["Distribution"], archive, component, identifier, version, minimum, kbytes)
    return archive, component


def add_options(parser):
    """What a package must be, as command-line options."""
    parser.add_argument("--identifier", default="org.holdfast.agent")
    parser.add_argument("--version", required=True)
    parser.add_argument("--minimum-macos", required=True)
    parser.add_argument("--any-binary", action="store_true", help="do not look into the program: it is not for a Mac")
    parser.add_argument("--certificate", help="PEM file of the certificate that the program must be signed with")
    parser.add_argument("--installer-certificate", help="PEM file of the certificate that the package must be signed with")
    parser.add_argument("--team", help="the team that signature and launch constraint must name")


def options_of(asked):
    """The options of a command line."""
    def read(path):
        if path is None:
            return None
        with open(path, encoding="utf-8") as file:
            return file.read()

    program, package = read(asked.certificate), read(asked.installer_certificate)
    return Options(asked.team, program is not None, program, package, asked.any_binary)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package")
    add_options(parser)
    parser.add_argument("--need-tools", action="store_true", help="fail where a reader that is to agree is not installed")
    asked = parser.parse_args()
    try:
        with open(asked.package, "rb") as file:
            data = file.read()
        archive, component = check(data, asked.identifier, asked.version, asked.minimum_macos, options_of(asked))
        tools, missing = compare_with_tools(asked.package, archive, component)
        need(not missing or not asked.need_tools, f"not installed: {', '.join(missing)}")
    except (OSError, Broken, struct.error) as error:
        print(f"{asked.package}: {error}", file=sys.stderr)
        return 1
    print(f"{asked.package}: as it should be; {', '.join(tools) or 'no other reader'} {'agree' if len(tools) > 1 else 'agrees'}"
          + (f" (not installed: {', '.join(missing)})" if missing else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
