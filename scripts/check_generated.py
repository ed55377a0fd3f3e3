#!/usr/bin/env python3
"""Checks the generated files that MDM consoles, manual readers and shells read.

Usage: scripts/check_generated.py FOLDER [DOCUMENT...]

FOLDER is pkg/generated; DOCUMENTs are pages whose ```xml examples are whole policies. Needs check-jsonschema, xmllint,
mandoc, zsh, bash and fish. Prints each check with what it looked at; exits 1 with every problem that was found.
"""

import datetime
import json
import os
import plistlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

DOMAIN = "org.holdfast.agent"
PAYLOAD = ["PayloadDescription", "PayloadDisplayName", "PayloadIdentifier", "PayloadType", "PayloadUUID", "PayloadVersion", "PayloadOrganization"]
IDENTITY = ["PayloadDisplayName", "PayloadIdentifier", "PayloadType", "PayloadUUID", "PayloadVersion"]
TYPES = {
    "string": str, "integer": int, "boolean": bool, "array": list, "dictionary": dict,
    "real": (int, float), "date": datetime.datetime, "data": bytes,
}
URLS = ["pfm_app_url", "pfm_documentation_url"]
LONGEST_WAIT = 30  # seconds, for an interactive shell


def is_of(kind, value):
    """Whether value is of the property list type kind; a boolean is no integer here."""
    return isinstance(value, TYPES[kind]) and not (kind in ("integer", "real") and isinstance(value, bool))


def manifest_problems(root):
    """What the lint of the ProfileManifests collection has against a manifest, and what would not work in an editor."""
    problems = []
    for key in ("pfm_title", "pfm_domain", "pfm_description"):
        if not (isinstance(root.get(key), str) and root[key]):
            problems.append(f"{key} is missing or empty")
    for key, kind in [("pfm_version", "integer"), ("pfm_last_modified", "date"), ("pfm_unique", "boolean"), ("pfm_subkeys", "array")]:
        if not is_of(kind, root.get(key)):
            problems.append(f"{key} is no {kind}")
    if root.get("pfm_format_version") != 1:
        problems.append("pfm_format_version is not 1")
    for key, known in [("pfm_targets", {"user", "user-managed", "system", "system-managed"}), ("pfm_platforms", {"macOS", "iOS", "tvOS"})]:
        values = root.get(key)
        if not values or not set(values) <= known:
            problems.append(f"{key} is {values}")
    subkeys = root.get("pfm_subkeys") or []
    names = [key.get("pfm_name") for key in subkeys]
    if names[: len(PAYLOAD)] != PAYLOAD:
        problems.append(f"the first keys are {names[:len(PAYLOAD)]}")
    for key in subkeys[: len(PAYLOAD)]:
        name = key.get("pfm_name")
        if name in IDENTITY and key.get("pfm_require") != "always":
            problems.append(f"{name} is not always required")
        if name in ("PayloadType", "PayloadIdentifier") and key.get("pfm_default") != root.get("pfm_domain"):
            problems.append(f"{name} is not the domain by default")
    problems += [f"{key} is no address" for key in URLS if key in root and not str(root[key]).startswith("http")]
    return problems + subkey_problems(subkeys, "", False)


def subkey_problems(subkeys, place, in_array):
    """What is wrong with the keys at place; those in an array need no name."""
    problems = []
    names = [key.get("pfm_name") for key in subkeys if "pfm_name" in key]
    problems += [f"{place}{name} is there more than once" for name in sorted({name for name in names if names.count(name) > 1})]
    for number, key in enumerate(subkeys):
        name = place + str(key.get("pfm_name", number))
        if not in_array and not key.get("pfm_name"):
            problems.append(f"{name} has no pfm_name")
        kind = key.get("pfm_type")
        if kind not in TYPES:
            problems.append(f"{name} has pfm_type {kind}")
            continue
        problems += [f"{name} has no {text}" for text in ("pfm_title", "pfm_description") if not in_array and not key.get(text)]
        problems += [f"{name}: {text}" for text in value_problems(key, kind)]
        if kind in ("dictionary", "array"):
            problems += subkey_problems(key.get("pfm_subkeys", []), f"{name}.", kind == "array")
            if not key.get("pfm_subkeys"):
                problems.append(f"{name} has no pfm_subkeys")
    return problems


def value_problems(key, kind):
    """What is wrong with the default, the range and the form of one key."""
    problems = []
    if key.get("pfm_require", "always") not in ("always", "always-nested", "push"):
        problems.append(f"pfm_require is {key['pfm_require']}")
    if key.get("pfm_required", True) is not True or ("pfm_required" in key and "pfm_require" in key):
        problems.append("pfm_required is other than true, or beside pfm_require")
    one_of = key.get("pfm_range_list")
    if one_of is not None:
        problems += [f"{value!r} of pfm_range_list is no {kind}" for value in one_of if not is_of(kind, value)]
        if len(key.get("pfm_range_list_titles", one_of)) != len(one_of):
            problems.append("pfm_range_list_titles has another length")
    for end in ("pfm_range_min", "pfm_range_max"):
        if end in key and not is_of(kind, key[end]):
            problems.append(f"{end} is no {kind}")
    if "pfm_default" not in key:
        return problems
    default = key["pfm_default"]
    if not is_of(kind, default):
        return problems + [f"the default {default!r} is no {kind}"]
    if one_of is not None and default not in one_of:
        problems.append(f"the default {default!r} is not in pfm_range_list")
    if default < key.get("pfm_range_min", default) or default > key.get("pfm_range_max", default):
        problems.append(f"the default {default!r} is out of range")
    forms = [key.get("pfm_format")] if kind == "string" else [sub.get("pfm_format") for sub in key.get("pfm_subkeys", [])] if kind == "array" else []
    for form in filter(None, forms):
        problems += [f"the default {text!r} does not match {form}" for text in (default if kind == "array" else [default]) if not re.search(form, text)]
    return problems


def schema_problems(schema):
    """What no meta-schema asks of a Jamf Pro schema, and its form editor does."""
    problems = [f"{key} is missing" for key in ("title", "description", "properties", "__preferencedomain", "__version") if not schema.get(key)]
    if not schema.get("title", "").endswith(f"({schema.get('__preferencedomain')})"):
        problems.append("the title does not end with the domain")
    if schema.get("options", {}).get("remove_empty_properties") is not True:
        problems.append("remove_empty_properties is not set")

    def walk(part, place):
        if isinstance(part, list):
            for number, item in enumerate(part):
                walk(item, f"{place}[{number}]")
        elif isinstance(part, dict):
            if "remove_empty_properties" in part and place != ".options":
                problems.append(f"{place}: remove_empty_properties below the root takes false and 0 away")
            if "enum_titles" in part.get("options", {}) and len(part["options"]["enum_titles"]) != len(part["enum"]):
                problems.append(f"{place}: enum_titles has another length")
            for key, item in part.items():
                walk(item, f"{place}.{key}")
        elif part is None:
            problems.append(f"{place} is null, which older form editors break on")

    walk(schema, "")
    return problems


def defaults(schema):
    """The instance that has every default: what a form makes of it in which everything is configured and nothing changed."""

    def of(part):
        while "$ref" in part:
            part = schema["definitions"][part["$ref"].rsplit("/", 1)[1]]
        part = part["anyOf"][1] if "anyOf" in part else part
        if "properties" in part:
            return {key: of(value) for key, value in part["properties"].items()}
        return part["default"]

    return {key: of(part) for key, part in schema["properties"].items()}


def untouched(schema):
    """The instance that a form has before anybody touches it."""
    return {key: None for key in schema["properties"]}


def examples(text):
    """The policies in the ```xml blocks of a page."""
    return [plistlib.loads(f'<plist version="1.0">{block}</plist>'.encode(), fmt=plistlib.FMT_XML) for block in re.findall(r"```xml\n(<dict>.*?)```", text, re.S)]


def forced(profile):
    """The policy in a profile."""
    (payload,) = profile["PayloadContent"]
    return payload["PayloadContent"][DOMAIN]["Forced"][0]["mcx_preference_settings"]


# What the schema must refuse: each is one slip that an administrator makes.
REFUSED = [
    {"Level": 4},
    {"Level": "2"},
    {"Levle": 2},
    {"Schedule": {"CheckInterval": 59}},
    {"Schedule": {"CheckInterval": 900.5}},
    {"Schedule": {"Interval": 59}},
    {"Schedule": {"Cron": "0 9 * * *"}},
    {"Schedule": {"Cron": "0 0 9 * * 1"}},
    {"SignOut": {"Interval": 299}},
    {"SignOut": {"Times": ["24:00"]}},
    {"SignOut": {"Times": ["07:30", "07:30"]}},
    {"SignOut": {"Times": "07:30"}},
    {"SignOut": {"LaunchApp": "true"}},
    {"SignOut": {"Deferrals": 2}},
    {"SignOut": {"Deferrals": 2, "NoticeMinutes": 0}},
    {"SignOut": {"CompatibilityLogPath": "Library/Logs/a.log"}},
    {"SignOut": {"CompatibilityLogPath": "/Library/../a.log"}},
    {"SignOut": {"NoticeText": "a\nb"}},
    {"Controls": {"firewall_on": {"Mode": "Enforce"}}},
    {"Controls": {"firewall_on": {"MaximumIdle": 60}}},
    {"Controls": {"firewall": {}}},
    {"Controls": {"update_minimum_macos": {"Minimum": []}}},
    {"Controls": {"update_minimum_macos": {"Minimum": ["26.x"]}}},
]


def run(*command, **more):
    """Runs a program; what it printed is the problem where it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    return [] if done.returncode == 0 else [f"{' '.join(command)}: status {done.returncode}: {done.stdout.strip()}"]


def instance_problems(schema_file, schema, documents, sample):
    """What the schema takes and does not, against what it should."""
    good = [("the defaults", defaults(schema)), ("the untouched form", untouched(schema)), ("the sample", forced(sample))]
    for document in documents:
        with open(document, encoding="utf-8") as file:
            found = examples(file.read())
        if not found:
            return [f"{document} has no example"]
        # Of exemptions the schema knows nothing: Jamf Pro's form has no field for a time.
        for example in found:
            example.pop("Exemptions", None)
        good += [(f"{document}, example {number + 1}", example) for number, example in enumerate(found)]
    problems = []
    with tempfile.TemporaryDirectory() as folder:

        def check(instance):
            name = os.path.join(folder, "instance.json")
            with open(name, "w", encoding="utf-8") as file:
                json.dump(instance, file)
            return run("check-jsonschema", "--schemafile", schema_file, name)

        for name, instance in good:
            problems += [f"{name} is refused: {problem}" for problem in check(instance)]
        problems += [f"{json.dumps(instance)} is taken" for instance in REFUSED if not check(instance)]
    print(f"the Jamf schema: takes {len(good)} policies and refuses {len(REFUSED)}")
    return problems


def zsh_completes(folder, typed, expected, wait=LONGEST_WAIT):
    """What an interactive zsh makes of a line with a tab at its end."""
    with tempfile.TemporaryDirectory() as home:
        child, terminal = pty.fork()
        if child == 0:
            environment = {"PATH": "/usr/bin:/bin", "HOME": home, "ZDOTDIR": home, "TERM": "vt100", "LC_ALL": "C"}
            os.execve("/usr/bin/zsh", ["zsh", "-f", "-i"], environment)
        shown = ""
        try:
            for line in (f"PS1='> '; fpath=('{folder}' $fpath); autoload -Uz compinit; compinit -D -u; print rea''dy\r", f"{typed}\t"):
                os.write(terminal, line.encode())
                until, shown = time.monotonic() + wait, ""
                wanted = expected if line.endswith("\t") else "ready"
                while wanted not in shown and time.monotonic() < until:
                    if select.select([terminal], [], [], 0.2)[0]:
                        shown += os.read(terminal, 4096).decode(errors="replace")
                if wanted not in shown:
                    return [f"zsh, {typed!r} and a tab: {wanted!r} is not in {shown!r}"]
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
            os.close(terminal)
    return []


def completion_problems(folder):
    """Whether each shell can read its completions, and really completes by them."""
    bash, fish = os.path.join(folder, "holdfast.bash"), os.path.join(folder, "holdfast.fish")
    problems = run("bash", "-n", bash) + run("zsh", "-n", os.path.join(folder, "_holdfast")) + run("fish", "--no-execute", fish)
    tries = [(["conf"], "config"), (["config", "val"], "validate"), (["enforce", "--lev"], "--level"), (["sign-out", "hist"], "history")]
    for words, expected in tries:
        line = " ".join(["holdfast", *words])
        script = f'. "$1"; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _holdfast holdfast {words[-1]} x; [ "${{COMPREPLY[*]}}" = {expected} ]'
        problems += run("bash", "--norc", "-c", script, "bash", bash)
        script = f"source $argv[1]; complete -C '{line}' | string match -qr '^{expected}(\\t|$)'"
        with tempfile.TemporaryDirectory() as home:
            problems += run("fish", "--no-config", "-c", script, fish, env={**os.environ, "HOME": home, "XDG_CONFIG_HOME": home})
        problems += zsh_completes(os.path.abspath(folder), line, line[: -len(words[-1])] + expected)
    print(f"completions: {len(tries)} lines in bash, fish and zsh")
    return problems


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 64
    folder, documents = arguments[0], arguments[1:]

    def at(name):
        return os.path.join(folder, name)

    problems = []
    schema_file = at("jamf-schema.json")
    with open(schema_file, encoding="utf-8") as file:
        schema = json.load(file)
    problems += run("check-jsonschema", "--check-metaschema", schema_file)
    problems += schema_problems(schema)
    lists = {}
    for name in (f"{DOMAIN}.plist", "sample-policy.mobileconfig"):
        problems += run("xmllint", "--noout", "--nonet", at(name)) + run("plistutil", "-i", at(name), "-o", os.devnull)
        with open(at(name), "rb") as file:
            lists[name] = plistlib.load(file, fmt=plistlib.FMT_XML)
    manifest = lists[f"{DOMAIN}.plist"]
    problems += [f"the manifest: {problem}" for problem in manifest_problems(manifest)]
    print(f"the manifest: {len(manifest['pfm_subkeys'])} keys at its top")
    problems += instance_problems(schema_file, schema, documents, lists["sample-policy.mobileconfig"])
    for page in sorted(os.listdir(at("man"))):
        problems += run("mandoc", "-Tlint", "-Wwarning", os.path.join(at("man"), page))
        print(f"the manual page {page}")
    problems += completion_problems(at("completions"))
    for problem in problems:
        print(f"PROBLEM: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
