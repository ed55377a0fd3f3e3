"""Apple's device management schemas (YAML), and what is wrong with a profile or declaration by them."""

import plistlib
import re
from pathlib import Path

import yaml

TYPES = {
    "<string>": str, "<integer>": int, "<real>": (int, float), "<boolean>": bool, "<array>": list,
    "<dictionary>": dict, "<data>": bytes, "<any>": object,
}
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")

# Forces preferences of any domain.
PREFERENCES = "com.apple.ManagedClient.preferences"
# What Apple's newer texts say otherwise than those in the folder (its SOURCE.txt), by the macOS that they are about: key by key,
# None where it is gone. Of the restrictions: what is new since 15.2, and what its documentation calls deprecated since 26.
RESTRICTIONS = "com.apple.applicationaccess"
AMENDED = {
    (RESTRICTIONS, 15): {
        "allowExternalIntelligenceIntegrations": {
            "key": "allowExternalIntelligenceIntegrations", "type": "<boolean>", "presence": "optional",
        },
    },
    (RESTRICTIONS, 26): {
        name: {
            "key": name, "type": "<boolean>", "presence": "optional",
            "supportedOS": {"macOS": {"deprecated": since}},
        }
        for name, since in (
            ("allowAssistant", "26.4"),
            ("allowExternalIntelligenceIntegrations", "26.4"),
            ("allowRapidSecurityResponseRemoval", "26.0"),
            ("allowWritingTools", "26.4"),
            ("forceOnDeviceOnlyDictation", "26.4"),
        )
    },
    ("com.apple.screensaver", 27): {
        "loginWindowIdleTime": None,
        "idleTime": {"key": "idleTime", "type": "<integer>", "presence": "optional"},
    },
}
# A payload whose schema is not in the folder: what Apple's says about macOS.
EXTRA = [{
    "payload": {
        "payloadtype": "com.apple.security.pkcs1",
        "supportedOS": {"macOS": {"introduced": "10.7", "multiple": True, "devicechannel": True, "userchannel": True}},
    },
    "payloadkeys": [
        {"key": "PayloadCertificateFileName", "type": "<string>", "presence": "optional"},
        {"key": "PayloadContent", "type": "<data>", "presence": "required"},
    ],
}]
# Where one key wants another, which the schemas say in words only: payload type, key, what it wants.
TOGETHER = [
    ("com.apple.screensaver", "askForPassword", "askForPasswordDelay"),
    ("com.apple.screensaver", "askForPasswordDelay", "askForPassword"),
]
# A key that holds the UUID of a payload in the same profile, and of which type that is.
REFERS = {
    ("com.apple.security.FDERecoveryKeyEscrow", "EncryptCertPayloadUUID"): "com.apple.security.pkcs1",
}


def version(text):
    """A version as numbers to compare; 15 and 15.0 are the same."""
    numbers = [int(part) for part in str(text).split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return numbers


class Schemas:
    """All schemas of one folder; a text in its `newer` takes the place of the one with the same path."""

    def __init__(self, folder):
        folder = Path(folder)
        self.payloads, self.declarations = {}, {}
        for kind, under, into in (
            ("payloadtype", "mdm/profiles", self.payloads),
            ("declarationtype", "declarative/declarations", self.declarations),
        ):
            files = {path.relative_to(folder): path for path in sorted((folder / under).rglob("*.yaml"))}
            newer = folder / "newer"
            files.update({path.relative_to(newer): path for path in sorted((newer / under).rglob("*.yaml"))})
            for path in files.values():
                schema = yaml.safe_load(path.read_text(encoding="utf-8"))
                into.setdefault(schema["payload"][kind], []).append(schema)
        for schema in EXTRA:
            self.payloads.setdefault(schema["payload"]["payloadtype"], [schema])
        for name in ("TopLevel", "CommonPayloadKeys"):
            if name not in self.payloads:
                raise SystemExit(f"{folder}: no schema {name}")


def amended(kind, keys, macos):
    """The keys as Apple's text for this macOS has them."""
    for (type_, since), changes in AMENDED.items():
        if type_ == kind and macos >= since:
            keys = [key for key in keys if key["key"] not in changes] + [key for key in changes.values() if key]
    return keys


class Checker:
    """Gathers what is wrong (`faults`) and what is deprecated (`deprecated`) for one macOS."""

    def __init__(self, schemas, macos):
        self.schemas, self.macos = schemas, macos
        self.faults, self.deprecated = [], []

    def fault(self, where, what):
        self.faults.append(f"{where}: {what}")

    def supported(self, where, supported):
        """Whether all of this macOS has what is described."""
        introduced = supported.get("introduced")
        if introduced == "n/a":
            return self.fault(where, "not on macOS")
        if introduced is not None and version(introduced) > version(self.macos):
            self.fault(where, f"introduced in macOS {introduced}")
        if "removed" in supported and version(supported["removed"])[0] <= self.macos:
            self.fault(where, f"removed in macOS {supported['removed']}")
        elif "deprecated" in supported and version(supported["deprecated"])[0] <= self.macos:
            self.deprecated.append(where)
        return None

    def value(self, where, schema, value):
        expected = TYPES.get(schema["type"])
        if expected is None:
            return self.fault(where, f"the checker does not know the type {schema['type']}")
        if not isinstance(value, expected) or (isinstance(value, bool) and schema["type"] in ("<integer>", "<real>")):
            return self.fault(where, f"want {schema['type']}, got {type(value).__name__}")
        allowed, span = schema.get("rangelist"), schema.get("range")
        if allowed is not None or span is not None:
            listed = allowed is not None and value in allowed
            within = span is not None and span.get("min", value) <= value <= span.get("max", value)
            if not listed and not within:
                self.fault(where, f"{value!r} is not allowed")
        if "format" in schema and isinstance(value, str) and not re.fullmatch(schema["format"], value):
            self.fault(where, f"{value!r} is not of the form {schema['format']}")
        subkeys = schema.get("subkeys")
        if isinstance(value, list):
            repeated = schema.get("repetition", {})
            if not repeated.get("min", 0) <= len(value) <= repeated.get("max", len(value)):
                self.fault(where, f"{len(value)} items")
            for number, item in enumerate(value):
                if subkeys:
                    self.value(f"{where}[{number}]", subkeys[0], item)
        elif isinstance(value, dict) and subkeys:
            self.dictionary(where, subkeys, value)
        return None

    def dictionary(self, where, keys, value):
        known = {key["key"]: key for key in keys}
        for name, key in known.items():
            if key.get("presence") == "required" and name != "ANY" and name not in value:
                self.fault(where, f"lacks {name}")
        for name, inner in value.items():
            key = known.get(name, known.get("ANY"))
            if key is None:
                self.fault(where, f"unknown key {name}")
                continue
            self.supported(f"{where} {name}", (key.get("supportedOS") or {}).get("macOS") or {})
            self.value(f"{where} {name}", key, inner)

    def payload(self, payload, scope):
        """One payload, and the schemas that its keys are of."""
        kind = payload.get("PayloadType")
        schemas = self.schemas.payloads.get(kind)
        if schemas is None:
            return self.fault(kind, "no schema of such a payload")
        # PayloadContent is a key of some payloads' own.
        common = self.schemas.payloads["CommonPayloadKeys"][0]["payloadkeys"]
        names = {key["key"] for key in common}
        self.dictionary(kind, common, {name: value for name, value in payload.items() if name in names})
        own = {name: value for name, value in payload.items() if name not in names}
        used = [schema for schema in schemas if own.keys() & {key["key"] for key in schema["payloadkeys"]}] or schemas[:1]
        for schema in used:
            supported = schema["payload"]["supportedOS"]["macOS"]
            self.supported(kind, supported)
            channel = "devicechannel" if scope == "System" else "userchannel"
            if not supported.get(channel, False):
                self.fault(kind, f"not in the {channel}, which a profile of the scope {scope} uses")
        everything = {key["key"]: key for schema in schemas for key in schema["payloadkeys"]}
        for schema in used:
            everything.update({key["key"]: key for key in schema["payloadkeys"]})
        self.dictionary(kind, amended(kind, list(everything.values()), self.macos), own)
        if kind == PREFERENCES and isinstance(own.get("PayloadContent"), dict):
            self.preferences(own["PayloadContent"])
        for type_, key, wants in TOGETHER:
            if kind == type_ and key in own and wants not in own:
                self.fault(kind, f"{key} without {wants}")
        return used

    def preferences(self, domains):
        """What is forced as preferences, of domains that may be types of payloads: no key that such a payload has."""
        for domain, how in domains.items():
            schemas = self.schemas.payloads.get(domain, [])
            names = {key["key"] for schema in schemas for key in amended(domain, schema["payloadkeys"], self.macos)}
            for forced in how.get("Forced", []):
                for name in sorted(names & forced.get("mcx_preference_settings", {}).keys()):
                    self.fault(f"{PREFERENCES} {domain}", f"{name} is a key of a payload of that type")

    def profile(self, data):
        """A whole configuration profile, as the bytes of its file."""
        if not data.startswith(b"<?xml"):
            self.fault("profile", "no XML declaration")
        try:
            root = plistlib.loads(data)
        except Exception as error:  # plistlib has no exception of its own
            return self.fault("profile", f"not a property list: {error}")
        if not isinstance(root, dict) or not isinstance(root.get("PayloadContent"), list):
            return self.fault("profile", "not a dictionary with a list of payloads")
        self.dictionary("profile", self.schemas.payloads["TopLevel"][0]["payloadkeys"], root)
        scope = root.get("PayloadScope", "User")
        counted = {}
        for payload in root["PayloadContent"]:
            if not isinstance(payload, dict):
                self.fault("profile", "a payload is no dictionary")
                continue
            used = self.payload(payload, scope) or []
            for schema in used:
                counted.setdefault((payload.get("PayloadType"), schema.get("title")), []).append(schema)
        for (kind, _), schemas in counted.items():
            if len(schemas) > 1 and not schemas[0]["payload"]["supportedOS"]["macOS"].get("multiple", False):
                self.fault(kind, f"{len(schemas)} payloads of a type that may be there once")
        parts = [root, *(part for part in root["PayloadContent"] if isinstance(part, dict))]
        for key in ("PayloadIdentifier", "PayloadUUID"):
            values = [str(part.get(key)) for part in parts]
            for value in sorted({value for value in values if values.count(value) > 1}):
                self.fault("profile", f"{key} {value} more than once")
        for part in parts:
            if not UUID.fullmatch(str(part.get("PayloadUUID"))):
                self.fault(part.get("PayloadType"), "PayloadUUID is no UUID")
        types = {part.get("PayloadUUID"): part.get("PayloadType") for part in parts[1:]}
        for part in parts[1:]:
            for (kind, key), wanted in REFERS.items():
                if part.get("PayloadType") == kind and types.get(part.get(key)) != wanted:
                    self.fault(kind, f"{key} names no payload {wanted} of this profile")
        return None

    def declaration(self, declaration):
        """One declaration, as an object."""
        if not isinstance(declaration, dict):
            return self.fault("declaration", "not an object")
        kind = declaration.get("Type")
        self.dictionary("declaration", self.schemas.declarations["any"][0]["payloadkeys"], declaration)
        schemas = self.schemas.declarations.get(kind)
        if schemas is None:
            return self.fault(kind, "no schema of such a declaration")
        self.supported(kind, schemas[0]["payload"]["supportedOS"]["macOS"])
        for key in ("Identifier", "ServerToken"):
            if len(str(declaration.get(key)).encode()) > 64:
                self.fault(kind, f"{key} has more than 64 octets")
        payload = declaration.get("Payload")
        if isinstance(payload, dict):
            self.dictionary(kind, schemas[0]["payloadkeys"], payload)
            time = payload.get("TargetLocalDateTime")
            if time is not None and not LOCAL_TIME.fullmatch(str(time)):
                self.fault(kind, f"TargetLocalDateTime is {time!r}")
        return None

    def declarations(self, every):
        """Several declarations for one Mac."""
        for declaration in every:
            self.declaration(declaration)
        kinds = [declaration.get("Type") for declaration in every if isinstance(declaration, dict)]
        for kind in sorted(set(map(str, kinds))):
            schema = self.schemas.declarations.get(kind)
            apply = schema and schema[0]["payload"].get("apply")
            if kinds.count(kind) > 1 and apply == "single":
                self.fault(kind, "more than one of a type that may be there once")
