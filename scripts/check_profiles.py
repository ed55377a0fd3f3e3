#!/usr/bin/env python3
"""Makes every kind of profile and declaration, for every preset, macOS and a few overrides, and holds each against Apple's schemas.

Usage: check_profiles.py HOLDFAST SCHEMAS, the program and the folder of Apple's device management schemas. Needs PyYAML.
"""

import json
import plistlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from profile_schemas import Checker, Schemas

MACOS = (14, 15, 26, 27)
SIGNED = 'designated => identifier "org.holdfast.agent" and anchor apple generic and certificate leaf[subject.OU] = AAAAA00000'
# What policy may ask for beside a preset, and options of `companion`; CERTIFICATE becomes a file.
OVERRIDES = [
    (),
    ("--set", "screen_lock_password_delay.MaximumDelay=0", "--set", "screen_lock_idle_timeout.MaximumIdle=60"),
    ("--set", "screen_lock_password_delay.MaximumDelay=3600", "--set", "screen_lock_login_window_idle.MaximumIdle=7200"),
    ("--set", "firewall_block_all.Mode=enforce", "--set", "firewall_allow_signed.Mode=enforce"),
    ("--set", "firewall_on.Mode=off", "--set", "filevault_on.Mode=audit"),
    ("--set", "screen_lock_password_required.Mode=off", "--set", "update_download.Mode=off"),
    ("--set", "update_minimum_macos.Minimum=14.8,15.7,26.5,27.0", "--organization", "Ä & <B>"),
    tuple(word for what in (
        "touch_id_timeout.MaximumTimeout=3600", "filevault_on.Mode=off",
        *(f"{control}.Mode=enforce" for control in (
            "gatekeeper_override", "profile_installation", "icloud_drive", "icloud_desktop_and_documents", "icloud_keychain",
            "icloud_photos", "account_changes", "find_my",
        )),
    ) for word in ("--set", what)),
    ("--set", "SignOut.Times=07:30,13:00", "--set", "SignOut.NoticeText=a < b & \"c\" 日本"),
]
ESCROW = ("--escrow-certificate", "CERTIFICATE", "--escrow-location", "the vault of the IT department")


class Run:
    """The matrix, with what came of it."""

    def __init__(self, program, schemas, folder):
        self.program, self.schemas, self.folder = program, schemas, folder
        self.checked, self.faults = {}, []

    def holdfast(self, *args, given=None):
        done = subprocess.run([self.program, *args], input=given, capture_output=True, check=False, timeout=60)
        return done.stdout, done.stderr.decode(), done.returncode

    def bad(self, args, what):
        self.faults.append(f"holdfast {' '.join(args)}: {what}")

    def ended(self, args, said, status, expected=0):
        if status != expected:
            self.bad(args, f"status {status} instead of {expected}: {said.strip()}")
        return status == 0

    def took(self, what, args, checker, said):
        self.checked[what] = self.checked.get(what, 0) + 1
        for fault in checker.faults:
            self.bad(args, fault)
        # What still counts though Apple calls it deprecated is told to whoever makes the profile.
        for where in checker.deprecated:
            name = where.split()[-1]
            if not any(name in line and "deprecated" in line for line in said.splitlines()):
                self.bad(args, f"{where}: deprecated, and not said to be")

    def profile(self, *args, macos=MACOS):
        args = ("profile", *args)
        data, said, status = self.holdfast(*args)
        if not self.ended(args, said, status):
            return None
        for one in macos:
            checker = Checker(self.schemas, one)
            checker.profile(data)
            self.took(f"profile {args[1]}", args, checker, said)
        if shutil.which("xmllint"):
            lint = subprocess.run(["xmllint", "--noout", "--nonet", "-"], input=data, capture_output=True, check=False)
            if lint.returncode != 0:
                self.bad(args, f"xmllint: {lint.stderr.decode().strip()}")
        return data

    def policy(self, *args):
        data = self.profile("policy", *args)
        if data is None:
            return
        [payload] = plistlib.loads(data)["PayloadContent"]
        [(domain, forced)] = payload["PayloadContent"].items()
        inner = plistlib.dumps(forced["Forced"][0]["mcx_preference_settings"])
        _, said, status = self.holdfast("config", "validate", "-", given=inner)
        if domain != "org.holdfast.agent" or status != 0:
            self.bad(args, f"what it forces in {domain} is no valid policy (status {status}): {said}")

    def declarations(self, macos, *args):
        args = ("profile", "companion", "--macos", str(macos), "--declarations", *args)
        data, said, status = self.holdfast(*args)
        # On macOS 14 only a lowest version can be declared, which of the presets the levels alone are sure to ask for.
        may_lack = not any(word.startswith("level-") for word in args) and "nothing to print" in said
        nothing = macos == 14 and ("--update-by" not in args or may_lack)
        if not self.ended(args, said, status, 1 if nothing else 0):
            return
        checker = Checker(self.schemas, macos)
        checker.declarations(json.loads(data))
        self.took("declarations", args, checker, said)

    def presets(self):
        """The presets that there are, from the words that refuse another."""
        _, said, status = self.holdfast("profile", "policy", "--preset", "?")
        found = re.search(r'there is no preset "\?": (.+)', said)
        if status != 64 or not found:
            raise SystemExit(f"no list of presets (status {status}): {said}")
        return found.group(1).split(", ")

    def everything(self):
        certificate = Path(self.folder, "escrow.cer")
        certificate.write_bytes(bytes((0x30, 3, 0x30, 1, 0)))
        escrow = [str(certificate) if word == "CERTIFICATE" else word for word in ESCROW]
        for preset in self.presets():
            for overrides in OVERRIDES:
                args = ("--preset", preset, *overrides)
                self.policy(*args)
                for macos in MACOS:
                    for more in ([], escrow):
                        self.profile("companion", "--macos", str(macos), *args, *more, macos=(macos,))
                    self.declarations(macos, *args)
                    self.declarations(macos, *args, "--update-by", "2027-01-31T18:00:00")
        for args in (("service",), ("service", "--team-id", "AAAAA00000", "--organization", "Example")):
            self.profile(*args)
        for requirement in (SIGNED, 'cdhash H"00"'):
            self.profile("privacy", "--code-requirement", requirement)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    schemas = Schemas(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        run = Run(sys.argv[1], schemas, folder)
        run.everything()
    for fault in run.faults[:50]:
        print(fault)
    for what, count in sorted(run.checked.items()):
        print(f"{what}: {count} held against Apple's schemas")
    if not shutil.which("xmllint"):
        print("xmllint is not here: not asked")
    if len(run.checked) != 5:
        raise SystemExit(f"not every kind was made: {sorted(run.checked)}")
    if run.faults:
        raise SystemExit(f"{len(run.faults)} faults")


if __name__ == "__main__":
    main()
