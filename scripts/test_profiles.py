#!/usr/bin/env python3
"""The check of profiles, shown profiles and declarations that it must and must not object to, over small made-up schemas."""

import plistlib
import tempfile
import unittest
from pathlib import Path

import yaml

from profile_schemas import Checker, Schemas

MACOS = {"introduced": "10.7", "multiple": False, "devicechannel": True, "userchannel": False}


def key(name, kind="<string>", presence="optional", macos=None, **more):
    out = {"key": name, "type": kind, "presence": presence, **more}
    if macos is not None:
        out["supportedOS"] = {"iOS": {"introduced": "n/a"}, "macOS": macos}
    return out


def payload_schema(kind, keys, title="One", **macos):
    return {
        "title": title,
        "payload": {"payloadtype": kind, "supportedOS": {"macOS": {**MACOS, **macos}}},
        "payloadkeys": keys,
    }


FRAME = [key(name, presence="required") for name in ("PayloadType", "PayloadIdentifier", "PayloadUUID")]
FRAME.append(key("PayloadVersion", "<integer>", "required", rangelist=[1]))
ITEM = {"key": "Item", "type": "<dictionary>", "subkeys": [{"key": "ANY", "type": "<any>", "presence": "required"}]}
RULE = {
    "key": "Rule", "type": "<dictionary>",
    "subkeys": [key("Kind", presence="required", rangelist=["A", "B"]), key("Value", presence="required")],
}
ONE = [
    key("On", "<boolean>", "required"),
    key("Count", "<integer>", range={"min": 1, "max": 5}, rangelist=[0]),
    key("Word", rangelist=["On", "Off"]),
    key("Form", format="[a-z]+"),
    key("Late", macos={"introduced": "15.1"}),
    key("Old", macos={"introduced": "10.7", "deprecated": "26.0", "removed": "27.0"}),
    key("Never", macos={"introduced": "n/a"}),
    key("Rules", "<array>", subkeys=[RULE], repetition={"min": 1, "max": 2}),
    key("Names", "<array>", subkeys=[key("Name")]),
    key("Free", "<dictionary>", subkeys=[key("ANY", "<integer>")]),
    key("Real", "<real>"),
    key("Bytes", "<data>"),
]
SCHEMAS = {
    "mdm/profiles/TopLevel.yaml": payload_schema("TopLevel", [
        *FRAME,
        key("PayloadScope", rangelist=["System", "User"]),
        key("PayloadContent", "<array>", "required", subkeys=[ITEM]),
    ]),
    "mdm/profiles/CommonPayloadKeys.yaml": payload_schema("CommonPayloadKeys", FRAME),
    "mdm/profiles/one.yaml": payload_schema("org.example.one", ONE),
    "mdm/profiles/two(a).yaml": payload_schema("org.example.two", [key("A"), key("Both")], "A"),
    "mdm/profiles/two(b).yaml": payload_schema("org.example.two", [key("B"), key("Both")], "B", multiple=True),
    "mdm/profiles/user.yaml": payload_schema("org.example.user", [], devicechannel=False, userchannel=True),
    "mdm/profiles/new.yaml": payload_schema("org.example.new", [], introduced="26.0"),
    "mdm/profiles/gone.yaml": payload_schema("org.example.gone", []),
    "newer/mdm/profiles/gone.yaml": payload_schema("org.example.gone", [], deprecated="15.0", removed="26.0"),
    "mdm/profiles/saver.yaml": payload_schema("com.apple.screensaver", [
        key("askForPassword", "<boolean>"), key("askForPasswordDelay", "<integer>"), key("loginWindowIdleTime", "<integer>"),
    ]),
    "mdm/profiles/preferences.yaml": payload_schema(
        "com.apple.ManagedClient.preferences", [key("PayloadContent", "<dictionary>", "required")],
    ),
    "mdm/profiles/escrow.yaml": payload_schema("com.apple.security.FDERecoveryKeyEscrow", [key("EncryptCertPayloadUUID")]),
    "declarative/declarations/declarationbase.yaml": {
        "payload": {"declarationtype": "any", "supportedOS": {"macOS": {"introduced": "13.0"}}},
        "payloadkeys": [
            *(key(name, presence="required") for name in ("Type", "Identifier", "ServerToken")),
            key("Payload", "<dictionary>", "required"),
        ],
    },
    "declarative/declarations/configurations/one.yaml": {
        "payload": {
            "declarationtype": "org.example.one", "apply": "single", "supportedOS": {"macOS": {"introduced": "15.0"}},
        },
        "payloadkeys": [
            key("Actions", "<dictionary>", subkeys=[key("Download", rangelist=["On"])]), key("TargetLocalDateTime"),
        ],
    },
}


def uuid(number):
    return f"00000000-0000-8000-8000-{number:012}"


def payload(kind, number=1, **keys):
    frame = {
        "PayloadType": kind, "PayloadVersion": 1, "PayloadIdentifier": f"org.example.{number}", "PayloadUUID": uuid(number),
    }
    return {**frame, **keys}


def profile(*payloads, **keys):
    root = payload("Configuration", 0, PayloadScope="System", PayloadContent=list(payloads))
    return {**root, **keys}


def declaration(**keys):
    return {"Type": "org.example.one", "Identifier": "i", "ServerToken": "t", "Payload": {}, **keys}


class Profiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            for name, schema in SCHEMAS.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(yaml.safe_dump(schema), encoding="utf-8")
            cls.schemas = Schemas(folder)

    def faults(self, root, macos=26):
        checker = Checker(self.schemas, macos)
        checker.profile(root if isinstance(root, bytes) else plistlib.dumps(root))
        return checker.faults

    def assert_fault(self, words, root, macos=26):
        faults = self.faults(root, macos)
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(words, faults[0])

    def assert_declared(self, words, *every, macos=26):
        checker = Checker(self.schemas, macos)
        checker.declarations(list(every))
        self.assertEqual(len(checker.faults), 1 if words else 0, checker.faults)
        self.assertIn(words, "".join(checker.faults))

    def one(self, number=1, **keys):
        return payload("org.example.one", number, **{"On": True, **keys})

    def test_accepts_what_fits(self):
        full = self.one(
            Count=0, Word="On", Form="ab", Late="x", Rules=[{"Kind": "A", "Value": "v"}], Names=["a"], Free={"x": 1}, Real=1,
            Bytes=b"x",
        )
        self.assertEqual(self.faults(profile(full)), [])
        self.assertEqual(self.faults(profile(self.one(Count=5))), [])
        self.assertEqual(self.faults(profile()), [])

    def test_refuses_a_value_that_does_not_fit(self):
        for keys, words in [
            ({"On": 1}, "On: want <boolean>, got int"),
            ({"Count": True}, "Count: want <integer>, got bool"),
            ({"Real": False}, "Real: want <real>, got bool"),
            ({"Count": "1"}, "Count: want <integer>, got str"),
            ({"Count": 6}, "6 is not allowed"),
            ({"Count": -1}, "-1 is not allowed"),
            ({"Word": "on"}, "'on' is not allowed"),
            ({"Form": "A"}, "not of the form"),
            ({"Wrod": "On"}, "unknown key Wrod"),
            ({"Rules": [{"Kind": "A"}]}, "Rules[0]: lacks Value"),
            ({"Rules": [{"Kind": "C", "Value": ""}]}, "'C' is not allowed"),
            ({"Rules": [{"Kind": "A", "Value": "", "More": 1}]}, "unknown key More"),
            ({"Rules": ["A"]}, "Rules[0]: want <dictionary>"),
            ({"Rules": []}, "0 items"),
            ({"Names": ["a", 1]}, "Names[1]: want <string>"),
            ({"Names": "a"}, "want <array>"),
            ({"Free": {"x": "1"}}, "Free x: want <integer>"),
            ({"Bytes": "eA=="}, "want <data>"),
        ]:
            with self.subTest(words):
                self.assert_fault(words, profile(self.one(**keys)))
        self.assert_fault("org.example.one: lacks On", profile(payload("org.example.one", Word="On")))

    def test_refuses_what_this_macos_does_not_have(self):
        self.assert_fault("introduced in macOS 15.1", profile(self.one(Late="x")), 15)
        self.assert_fault("removed in macOS 27.0", profile(self.one(Old="x")), 27)
        self.assert_fault("not on macOS", profile(self.one(Never="x")))
        self.assert_fault("introduced in macOS 26.0", profile(payload("org.example.new")), 15)
        self.assert_fault("removed in macOS 26.0", profile(payload("org.example.gone")), 26)
        self.assertEqual(self.faults(profile(self.one(Old="x")), 26), [])
        self.assertEqual(self.faults(profile(payload("org.example.new")), 26), [])

    def test_tells_what_is_deprecated(self):
        for macos, where in ((25, []), (26, ["org.example.one Old"])):
            checker = Checker(self.schemas, macos)
            checker.profile(plistlib.dumps(profile(self.one(Old="x"))))
            self.assertEqual((checker.deprecated, checker.faults), (where, []))
        checker = Checker(self.schemas, 15)
        checker.profile(plistlib.dumps(profile(payload("org.example.gone"))))
        self.assertEqual(checker.deprecated, ["org.example.gone"])

    def test_refuses_the_wrong_channel_and_one_too_many(self):
        self.assert_fault("devicechannel", profile(payload("org.example.user")))
        self.assert_fault("userchannel", profile(self.one(), PayloadScope="User"))
        self.assert_fault("2 payloads", profile(self.one(1), self.one(2)))
        two = [payload("org.example.two", number, B="b") for number in (1, 2)]
        self.assertEqual(self.faults(profile(*two)), [])
        self.assert_fault("2 payloads", profile(*(payload("org.example.two", n, A="a") for n in (1, 2))))

    def test_refuses_a_frame_that_does_not_hold(self):
        good = plistlib.dumps(profile(self.one()))
        self.assert_fault("no XML declaration", good[good.index(b"<plist"):])
        self.assert_fault("not a property list", b"<?xml version='1.0'?><plist><dict>")
        self.assert_fault("not a dictionary", plistlib.dumps([]))
        self.assert_fault("no schema of such a payload", profile(payload("org.example.three")))
        self.assert_fault("unknown key PayloadColour", profile(PayloadColour="red"))
        self.assert_fault("'Everybody' is not allowed", {**profile(), "PayloadScope": "Everybody"})
        self.assert_fault("2 is not allowed", profile(self.one(PayloadVersion=2)))
        self.assert_fault("PayloadUUID is no UUID", profile(self.one(PayloadUUID="1-2")))
        self.assert_fault("PayloadUUID 0", profile(self.one(PayloadUUID=uuid(0))))
        self.assert_fault("PayloadIdentifier org", profile(self.one(PayloadIdentifier="org.example.0")))
        lacking = self.one()
        del lacking["PayloadIdentifier"]
        self.assert_fault("lacks PayloadIdentifier", profile(lacking))

    def test_knows_what_the_schemas_say_in_words(self):
        saver = {"askForPassword": True, "askForPasswordDelay": 5}
        self.assertEqual(self.faults(profile(payload("com.apple.screensaver", **saver))), [])
        for name in saver:
            self.assert_fault(f"{name} without", profile(payload("com.apple.screensaver", **{name: saver[name]})))
        for macos, name, other in ((26, "loginWindowIdleTime", "idleTime"), (27, "idleTime", "loginWindowIdleTime")):
            self.assertEqual(self.faults(profile(payload("com.apple.screensaver", **{name: 60})), macos), [])
            self.assert_fault(f"unknown key {other}", profile(payload("com.apple.screensaver", **{other: 60})), macos)

    def test_refuses_a_preference_that_a_payload_has(self):
        def forced(domain, **keys):
            content = {domain: {"Forced": [{"mcx_preference_settings": keys}]}}
            return profile(payload("com.apple.ManagedClient.preferences", PayloadContent=content))

        self.assertEqual(self.faults(forced("org.example.other", On=True)), [])
        self.assertEqual(self.faults(forced("org.example.one", Other=1)), [])
        self.assert_fault("Count is a key of a payload", forced("org.example.one", Count=1))
        for macos, faults in ((26, 0), (27, 1)):
            self.assertEqual(len(self.faults(forced("com.apple.screensaver", idleTime=60), macos)), faults)

    def test_follows_what_names_another_payload(self):
        escrow = payload("com.apple.security.FDERecoveryKeyEscrow", 1, EncryptCertPayloadUUID=uuid(2))
        certificate = payload("com.apple.security.pkcs1", 2, PayloadContent=b"x")
        self.assertEqual(self.faults(profile(escrow, certificate)), [])
        self.assert_fault("names no payload", profile(escrow))
        self.assert_fault("names no payload", profile(escrow, self.one(2)))

    def test_holds_declarations_to_theirs(self):
        good = declaration(Payload={"Actions": {"Download": "On"}, "TargetLocalDateTime": "2027-01-31T18:00:00"})
        self.assert_declared("", good)
        for words, wrong in [
            ("lacks ServerToken", {k: v for k, v in good.items() if k != "ServerToken"}),
            ("unknown key Version", {**good, "Version": 1}),
            ("more than 64 octets", {**good, "Identifier": "ä" * 33}),
            ("'Off' is not allowed", declaration(Payload={"Actions": {"Download": "Off"}})),
            ("unknown key Upload", declaration(Payload={"Actions": {"Upload": "On"}})),
            ("TargetLocalDateTime is", declaration(Payload={"TargetLocalDateTime": "2027-01-31"})),
            ("no schema of such a declaration", {**good, "Type": "org.example.two"}),
            ("not an object", []),
        ]:
            with self.subTest(words):
                self.assert_declared(words, wrong)
        self.assert_declared("introduced in macOS 15.0", good, macos=14)
        self.assert_declared("more than one", good, good)


if __name__ == "__main__":
    unittest.main()
