"""What the comparison of two builds finds, and what it overlooks."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import commands  # noqa: E402
import imports  # noqa: E402
import run  # noqa: E402
import sides  # noqa: E402


class Alike(unittest.TestCase):
    def test_what_no_two_runs_have_in_common_is_replaced(self):
        one = '{"time":"2026-11-22T18:24:47.699Z","run":"20261122T182447686Z-27483","prev":"' + "a1" * 32 + '"}'
        other = '{"time":"2027-01-02T03:04:05.000Z","run":"20270102T030405000Z-9","prev":"' + "0f" * 32 + '"}'
        self.assertEqual(sides.alike(one), sides.alike(other))
        self.assertEqual(sides.alike("since 2026-11-22 18:24:47 +00:00"), "since TIME +00:00")
        self.assertEqual(sides.alike("/tmp/x/slice/mac", "/tmp/x/slice"), "DIR/mac")

    def test_the_zone_of_a_time_stays(self):
        self.assertNotEqual(sides.alike("2026-11-22 18:24:47 +00:00"), sides.alike("2026-11-22 18:24:47 +01:00"))
        self.assertNotEqual(sides.alike("2026-11-22T18:24:47Z"), sides.alike("2026-11-22T18:24:47"))

    def test_everything_else_stays(self):
        for text in ('"seq":12', '"policy":"' + "a1" * 32 + '"', '"boot":"2F7B61D4-90CE-4E7A-8C35-5A1D3E9B7F02"',
                     "900 s", "26.5.2", "25C56", '"prev":"abc"', "2026-11-22"):
            self.assertEqual(sides.alike(text), text)


class Program(unittest.TestCase):
    """Shell scripts in the place of the two builds."""

    def setUp(self):
        self.work = tempfile.TemporaryDirectory()
        self.addCleanup(self.work.cleanup)

    def side(self, name, script):
        return sides.Side(name, ["/bin/sh", "-c", script, "sh"], pathlib.Path(self.work.name, name), {"PATH": "/usr/bin:/bin"})

    def apart(self, one, other, status=0):
        both = (self.side("linux", one), self.side("slice", other))
        return run.ended([side.run(["a"]) for side in both], both, status)

    def test_the_same_is_the_same(self):
        self.assertEqual(self.apart("echo $PWD; echo $1 >&2", "echo $PWD; echo $1 >&2"), [])

    def test_differences_are_found(self):
        for one, other in (("exit 0", "exit 3"), ("echo a", "echo b"), ("echo a >&2", "true"), ("printf 'a\\n'", "printf a"),
                           ("echo a", "echo a; echo b"), ("true", "kill -SEGV $$")):
            with self.subTest(one=one, other=other):
                self.assertNotEqual(self.apart(one, other), [])
                self.work.cleanup()
                self.setUp()

    def test_what_is_wrong_on_both_sides_is_found(self):
        self.assertEqual(self.apart("exit 2", "exit 2"), ["status 2, expected 0"])
        self.work.cleanup()
        self.setUp()
        panics = "echo \"thread 'main' panicked at src/x.rs\" >&2"
        self.assertEqual(self.apart(panics, panics), ["it panicked"] * 2)

    def test_what_hangs_is_killed_with_its_children(self):
        sides.LIMIT, before = 0.3, sides.LIMIT
        self.addCleanup(setattr, sides, "LIMIT", before)
        side = self.side("slice", "trap '' TERM; sleep 100 & sleep 100")
        self.assertIsNone(side.run([]).status)

    def test_trees(self):
        both = [self.side(name, "") for name in ("linux", "slice")]
        for side in both:
            (side.folder / "same").write_text("a")
        trees = [sides.tree(side.folder, side) for side in both]
        self.assertEqual(sides.trees_apart(*trees), [])
        (both[0].folder / "only").write_text("a")
        (both[1].folder / "same").write_text("b")
        trees = [sides.tree(side.folder, side) for side in both]
        self.assertEqual(len([line for line in sides.trees_apart(*trees) if "only in the first" in line]), 1)
        self.assertTrue(any("'a'" in line for line in sides.trees_apart(*trees)))
        (both[1].folder / "same").write_text("a")
        (both[1].folder / "same").chmod(0o600)
        (both[0].folder / "only").unlink()
        self.assertTrue(sides.trees_apart(*[sides.tree(side.folder, side) for side in both]))


class Imports(unittest.TestCase):
    SAID = """[machrun 1] import _a (/usr/lib/libSystem.B.dylib) -> stub that aborts
needs /usr/lib/libSystem.B.dylib
1 unresolved
"""

    def test_a_list_has_reasons(self):
        self.assertEqual(imports.listed("# x\n\n_a: never called, since\n"), ({"_a"}, []))
        for text in ("_a\n", "_a:\n", "_a: \n", "_a: why\n_a: why\n"):
            self.assertEqual(len(imports.listed(text)[1]), 1, text)

    def test_both_too_many_and_too_few_are_found(self):
        lacking = imports.missing(self.SAID)
        self.assertEqual(lacking, {"_a"})
        self.assertEqual(imports.differences({"_a"}, lacking), [])
        self.assertEqual(imports.differences(set(), lacking), ["_a: missing and not on the list"])
        self.assertEqual(imports.differences({"_a", "_b"}, lacking), ["_b: on the list and not missing"])

    def test_another_form_of_answer_is_no_answer(self):
        for text in ("", "needs x\n", self.SAID.replace("1 unresolved", "2 unresolved"), self.SAID.replace("stub", "hook")):
            with self.assertRaises(ValueError):
                imports.missing(text)


class Commands(unittest.TestCase):
    def test_no_two_checks_bear_one_name(self):
        names = [name for name, *_ in commands.plain()]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
