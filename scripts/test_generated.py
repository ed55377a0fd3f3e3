#!/usr/bin/env python3
"""The checker of generated files, shown manifests, schemas and completions that it must and must not object to."""

import copy
import datetime
import os
import tempfile
import unittest

import check_generated as check


def manifest():
    """A small one that is right."""
    payload = [{"pfm_name": name, "pfm_title": "T", "pfm_description": "D", "pfm_type": "string"} for name in check.PAYLOAD]
    for key in payload:
        if key["pfm_name"] in check.IDENTITY:
            key["pfm_require"] = "always"
        if key["pfm_name"] in ("PayloadType", "PayloadIdentifier"):
            key["pfm_default"] = "a.b"
    number = {"pfm_name": "N", "pfm_title": "T", "pfm_description": "D", "pfm_type": "integer", "pfm_default": 5, "pfm_range_min": 1, "pfm_range_max": 9}
    times = {
        "pfm_name": "L", "pfm_title": "T", "pfm_description": "D", "pfm_type": "array", "pfm_default": ["1"],
        "pfm_subkeys": [{"pfm_type": "string", "pfm_format": "^[0-9]$"}],
    }
    within = {"pfm_name": "S", "pfm_title": "T", "pfm_description": "D", "pfm_type": "dictionary", "pfm_subkeys": [number, times]}
    return {
        "pfm_title": "T", "pfm_domain": "a.b", "pfm_description": "D", "pfm_format_version": 1, "pfm_version": 1,
        "pfm_last_modified": datetime.datetime(2026, 1, 2), "pfm_unique": True, "pfm_targets": ["system"],
        "pfm_platforms": ["macOS"], "pfm_subkeys": [*payload, within],
    }


def schema():
    """A small one that is right."""
    level = {"anyOf": [{"title": "Not Configured", "type": "null"}, {"type": "integer", "enum": [1, 2], "default": 1, "options": {"enum_titles": ["a", "b"]}}]}
    return {
        "title": "A (a.b)", "description": "D", "__preferencedomain": "a.b", "__version": "1",
        "options": {"remove_empty_properties": True},
        "properties": {"Level": level, "Times": {"$ref": "#/definitions/Times"}},
        "definitions": {"Times": {"anyOf": [{"type": "null"}, {"type": "array", "default": []}]}},
    }


class Manifests(unittest.TestCase):
    def test_a_right_one_has_no_problem(self):
        self.assertEqual(check.manifest_problems(manifest()), [])

    def test_each_fault_is_named(self):
        def number(root):
            return root["pfm_subkeys"][-1]["pfm_subkeys"][0]

        def times(root):
            return root["pfm_subkeys"][-1]["pfm_subkeys"][1]

        faults = {
            "pfm_title is missing or empty": lambda root: root.update(pfm_title=""),
            "pfm_version is no integer": lambda root: root.update(pfm_version="1"),
            "pfm_version is no integer ": lambda root: root.update(pfm_version=True),
            "pfm_last_modified is no date": lambda root: root.update(pfm_last_modified="2026-01-02"),
            "pfm_unique is no boolean": lambda root: root.update(pfm_unique=1),
            "pfm_format_version is not 1": lambda root: root.update(pfm_format_version=2),
            "pfm_targets is": lambda root: root.update(pfm_targets=["device"]),
            "pfm_platforms is": lambda root: root.pop("pfm_platforms"),
            "the first keys are": lambda root: root["pfm_subkeys"].pop(0),
            "PayloadUUID is not always required": lambda root: root["pfm_subkeys"][4].pop("pfm_require"),
            "PayloadType is not the domain": lambda root: root["pfm_subkeys"][3].update(pfm_default="c"),
            "pfm_app_url is no address": lambda root: root.update(pfm_app_url="www.example.com"),
            "S.N has pfm_type url": lambda root: number(root).update(pfm_type="url"),
            "S.0 has no pfm_name": lambda root: number(root).pop("pfm_name"),
            "S.N has no pfm_title": lambda root: number(root).pop("pfm_title"),
            "S.N: the default '5' is no integer": lambda root: number(root).update(pfm_default="5"),
            "S.N: the default True is no integer": lambda root: number(root).update(pfm_default=True),
            "S.N: the default 5 is out of range": lambda root: number(root).update(pfm_range_max=4),
            "S.N: pfm_range_min is no integer": lambda root: number(root).update(pfm_range_min=1.5),
            "S.N: the default 5 is not in pfm_range_list": lambda root: number(root).update(pfm_range_list=[1, 2]),
            "S.N: '5' of pfm_range_list is no integer": lambda root: number(root).update(pfm_range_list=[5, "5"]),
            "S.N: pfm_range_list_titles has another length": lambda root: number(root).update(pfm_range_list=[5], pfm_range_list_titles=[]),
            "S.N: pfm_require is never": lambda root: number(root).update(pfm_require="never"),
            "S.N: pfm_required is other": lambda root: number(root).update(pfm_required=False),
            "S.N: pfm_required is other ": lambda root: number(root).update(pfm_required=True, pfm_require="push"),
            "S.L: the default 'x' does not match": lambda root: times(root).update(pfm_default=["x"]),
            "S.L has no pfm_subkeys": lambda root: times(root).update(pfm_subkeys=[]),
            "S.N is there more than once": lambda root: root["pfm_subkeys"][-1]["pfm_subkeys"].append(copy.deepcopy(number(root))),
        }
        for wanted, plant in faults.items():
            root = manifest()
            plant(root)
            problems = check.manifest_problems(root)
            self.assertTrue(any(problem.startswith(wanted.strip()) for problem in problems), f"{wanted}: {problems}")


class Schemas(unittest.TestCase):
    def test_a_right_one_has_no_problem(self):
        self.assertEqual(check.schema_problems(schema()), [])

    def test_each_fault_is_named(self):
        def configured(root):
            return root["properties"]["Level"]["anyOf"][1]

        faults = {
            "__version is missing": lambda root: root.pop("__version"),
            "the title does not end": lambda root: root.update(title="A (c.d)"),
            "remove_empty_properties is not set": lambda root: root.update(options={}),
            ".properties.Level.anyOf[1].options: remove_empty_properties below": lambda root: configured(root)["options"].update(remove_empty_properties=True),
            ".properties.Level.anyOf[1]: enum_titles has another length": lambda root: configured(root)["enum"].append(3),
            ".properties.Level.anyOf[1].enum[2] is null": lambda root: configured(root)["enum"].append(None),
        }
        for wanted, plant in faults.items():
            root = schema()
            plant(root)
            problems = check.schema_problems(root)
            self.assertTrue(any(problem.startswith(wanted) for problem in problems), f"{wanted}: {problems}")

    def test_the_instances_that_are_made_of_one(self):
        self.assertEqual(check.defaults(schema()), {"Level": 1, "Times": []})
        self.assertEqual(check.untouched(schema()), {"Level": None, "Times": None})

    def test_examples_are_found_on_a_page(self):
        page = "text\n```xml\n<dict><key>Level</key><integer>2</integer></dict>\n```\n```xml\n<plist>part of one</plist>\n```\n"
        self.assertEqual(check.examples(page), [{"Level": 2}])


class Programs(unittest.TestCase):
    def test_a_program_that_fails_is_a_problem_in_its_own_words(self):
        self.assertEqual(check.run("true"), [])
        (problem,) = check.run("sh", "-c", "echo no; exit 3")
        self.assertIn("status 3: no", problem)

    def test_completions_that_do_not_complete_are_problems(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {
                "_holdfast": "#compdef holdfast\n",
                "holdfast.bash": "_holdfast() { COMPREPLY=(); }\n",
                "holdfast.fish": "function x\nend\n",
            }.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            self.assertTrue(check.zsh_completes(folder, "holdfast conf", "holdfast config", wait=3))
            for shell in ("bash", "fish"):
                script = {"bash": ". \"$1\"; _holdfast holdfast conf x; [ \"${COMPREPLY[*]}\" = config ]", "fish": "source $argv[1]; complete -C 'holdfast conf' | string match -qr '^config'"}[shell]
                self.assertTrue(check.run(shell, "-c", script, *(["bash"] if shell == "bash" else []), os.path.join(folder, f"holdfast.{shell}")))


if __name__ == "__main__":
    unittest.main()
