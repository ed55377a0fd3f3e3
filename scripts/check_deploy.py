#!/usr/bin/env python3
"""Checks what admins upload to their MDMs (but Jamf Pro's attributes) and the pages about it.

    scripts/check_deploy.py --holdfast PROGRAM

The files are as scripts/deploy_files.py writes them, and no other lies beside them; the scripts carry the same guard, are
clean to shellcheck, parse under each shell and start every program by its absolute path; every fact that they ask for is in
`PROGRAM ea --list` with that type, every key that the SQL reads in docs/output.md, and no fact of the program is without its
files; YAML and JSON are well-formed and carry the SQL that is tested; what the pages link to or name is there, and their
commands for profiles work. Needs shellcheck, bash, dash, zsh, yamllint and PyYAML: what is not here is named, and with
CI=true in the environment that has failed.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import deploy_files
import deploy_sql

ROOT = deploy_files.ROOT
FOLDERS = ("intune", "kandji", "jumpcloud", "addigy", "mosyle", "workspace-one", "munki", "fleet", "osquery")
# What a script may start, besides the agent and what every shell has built in.
PROGRAMS = ("/usr/bin/tr", "/usr/bin/defaults", "/usr/bin/plutil")
WORDS = {"PATH", "export", "unset", "holdfast", "installed", "fact", "printf", "exit", "case", "esac", "if", "then", "else",
         "elif", "fi", "for", "in", "do", "done", "break", "value", "state", "failing", "count", "health", "version", "folder",
         "items", "[", "!", "{", "}", "(", ")"}
POLICY_KEYS = {"name", "description", "resolution", "platform", "critical", "query"}
REPORT_KEYS = {"name", "description", "platform", "interval", "observer_can_run", "automations_enabled", "query"}

READ_YAML = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))"

problems = []


def wrong(where, what):
    problems.append(f"{where}: {what}")


def missing(what):
    if os.environ.get("CI") == "true":
        wrong("this machine", f"{what} is not here")
    else:
        print(f"not checked: {what} is not here")


def said(*argv, **options):
    return subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, **options)


def as_written(files):
    for name, text in files.items():
        path = ROOT / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            wrong(name, "is not as scripts/deploy_files.py writes it")
        elif text.startswith("#!") != os.access(path, os.X_OK):
            wrong(name, "its mode is wrong: a script can be started, nothing else")
    for folder in FOLDERS:
        there = {str(path.relative_to(ROOT)) for path in (ROOT / "pkg" / folder).rglob("*") if path.is_file()}
        for name in sorted(there - files.keys()):
            wrong(name, "is written by nobody")


def commands(text):
    """The first word of each command of a script, as near as its plain style allows."""
    for line in text.splitlines():
        line = re.sub(r"(^|\s)#.*", "", line)
        # Quoted text is no command, except what is run inside it.
        line = re.sub(r"'[^']*'", "''", line)
        for part in re.split(r"\$\(|&&|\|\||[;|]|\bthen\b|\bdo\b|\belse\b|\bif\b|\b[0-9*]+\)", line):
            words = part.strip().lstrip("!{( ").split()
            if words:
                yield words[0]


def style(files):
    for name in FOLDERS:
        if not any(path.startswith(f"pkg/{name}/") for path in files):
            wrong(name, "has no file")
    texts = {name: text for name, text in files.items() if text.startswith("#!")}
    if len(texts) < 30:
        wrong("scripts", f"only {len(texts)}, which cannot be")
    for name, text in texts.items():
        if not text.startswith("#!/bin/sh\n# ") or text.count(deploy_files.GUARD) != 1:
            wrong(name, "does not begin as every script does")
            continue
        body = text.split(deploy_files.GUARD)[1]
        for word in re.findall(r"(?<![\w$\"'./-])(?:/[\w.-]+){2,}", body):
            if word.startswith(("/usr", "/bin", "/sbin")) and word not in PROGRAMS:
                wrong(name, f"starts {word}, which is not in the list")
        for word in commands(body):
            # An assignment, a pattern of `case`, what was quoted and what has a path are no program of a bare name.
            if word.split("=")[0] not in WORDS and not word.startswith(("/", "$", "'", '"', "-", "*", "[")):
                wrong(name, f"starts {word} by its bare name")
        if "eval" in body or "~" in body or "mktemp" in body or "/tmp" in body:
            wrong(name, "has something that no script here needs")


def parsed(files):
    texts = [name for name, text in files.items() if text.startswith("#!")]
    for shell in (["/bin/sh"], ["bash"], ["bash", "--posix"], ["dash"], ["zsh", "-f"]):
        if not shutil.which(shell[0]):
            missing(shell[0])
            continue
        for name in texts:
            answer = said(*shell, "-n", str(ROOT / name))
            if answer.returncode:
                wrong(name, f"{' '.join(shell)} -n: {answer.stderr.strip()}")
    if shutil.which("shellcheck"):
        answer = said("shellcheck", *(str(ROOT / name) for name in texts))
        if answer.returncode:
            wrong("shellcheck", answer.stdout)
    else:
        missing("shellcheck")


def facts(program, files):
    answer = said(program, "ea", "--list")
    if answer.returncode:
        wrong("holdfast ea --list", f"status {answer.returncode}: {answer.stderr}")
        return
    listed = {}
    for line in answer.stdout.splitlines():
        words = line.split()
        for word in words[1:]:
            if word in ("String", "Integer", "Date"):
                listed[words[0]] = word
    controls = {one["id"] for one in json.loads(said(program, "controls", "--json").stdout)["controls"]}
    ours = {name: kind for name, kind, _ in deploy_files.FACTS}
    for name, kind in ours.items():
        if listed.get(name) != kind:
            wrong("facts", f"{name} is {kind} here, and in the program {listed.get(name)}")
    for name in sorted(listed.keys() - ours.keys() - controls):
        wrong("facts", f"the program has {name}, and no file asks for it")
    known = listed.keys() | controls
    for name, text in files.items():
        if not text.startswith("#!"):
            continue
        for asked in re.findall(r"\bfact ([a-z_]+)", text.split(deploy_files.GUARD)[-1]):
            if asked not in known:
                wrong(name, f"asks for {asked}, which is no fact")
    for path in pages():
        for asked in re.findall(r"holdfast (?:ea|fact) ([a-z_]+)", path.read_text(encoding="utf-8")):
            if asked not in known:
                wrong(path.relative_to(ROOT), f"names the fact {asked}, which there is not")


def yaml_readers():
    """Pythons that have PyYAML: Debian's package brings it to Debian's own python3 only."""
    pythons = (sys.executable, "/usr/bin/python3", shutil.which("python"))
    return [python for python in pythons if python and said(python, "-c", "import yaml").returncode == 0]


def queries():
    described = (ROOT / "docs/output.md").read_text(encoding="utf-8")
    for key in (*deploy_sql.KEYS, "Control_"):
        if not re.search(rf"\b{key}", described):
            wrong("SQL", f"reads {key}, which docs/output.md does not have")
    for _, _, _, sql in deploy_sql.POLICIES[1:]:
        if "why_not IS NULL" not in sql or "'stale'" not in sql:
            wrong("SQL", f"a policy does not ask how old the state is: {sql[:80]}")
    pack = json.loads((ROOT / "pkg/osquery/holdfast.conf").read_text(encoding="utf-8"))
    if pack.keys() != {"platform", "queries"} or pack["platform"] != "darwin":
        wrong("pkg/osquery/holdfast.conf", f"has the keys {sorted(pack)}")
    for name, query in pack["queries"].items():
        if query.keys() != {"query", "interval", "snapshot", "description"} or query["interval"] < 600:
            wrong("pkg/osquery/holdfast.conf", f"{name}: {query.keys()}")
    info = json.loads((ROOT / "pkg/kandji/info.json").read_text(encoding="utf-8"))
    if info.get("execution_frequency") not in ("once", "every_15_min", "every_day", "no_enforcement"):
        wrong("pkg/kandji/info.json", f"execution_frequency: {info.get('execution_frequency')}")
    if not yaml_readers():
        missing("PyYAML")
        return
    for name, keys, wanted in (("policies", POLICY_KEYS, [one[3] for one in deploy_sql.POLICIES]),
                               ("reports", REPORT_KEYS, [one[2] for one in deploy_sql.REPORTS])):
        answer = said(yaml_readers()[0], "-c", READ_YAML, str(ROOT / f"pkg/fleet/{name}.yml"))
        if answer.returncode:
            wrong(f"pkg/fleet/{name}.yml", answer.stderr)
            continue
        loaded = json.loads(answer.stdout)
        if [one["query"].rstrip("\n") for one in loaded] != wanted:
            wrong(f"pkg/fleet/{name}.yml", "does not carry the SQL of scripts/deploy_sql.py")
        for one in loaded:
            if one.keys() != keys or one["platform"] != "darwin":
                wrong(f"pkg/fleet/{name}.yml", f"{one.get('name')}: {sorted(one)}")
    if shutil.which("yamllint"):
        rules = "{extends: relaxed, rules: {line-length: disable}}"
        answer = said("yamllint", "--strict", "-d", rules, str(ROOT / "pkg/fleet"))
        if answer.returncode:
            wrong("yamllint", answer.stdout)
    else:
        missing("yamllint")


def pages():
    return [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]


def anchors(path):
    """The anchors that GitHub makes of a page's headings."""
    found = set()
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    for heading in re.findall(r"^#+ (.*)$", text, flags=re.M):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        found.add(re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-"))
    return found


def links():
    wanted = {"README", *(folder for folder in FOLDERS)}
    there = {path.stem for path in (ROOT / "docs/deploy").glob("*.md")}
    for name in sorted(wanted - there):
        wrong("docs/deploy", f"has no page {name}.md")
    for path in pages():
        name, text = path.relative_to(ROOT), path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            goal = (path.parent / file).resolve() if file else path
            if not goal.exists():
                wrong(name, f"links to {target}, which is not there")
            elif anchor and goal.suffix == ".md" and anchor not in anchors(goal):
                wrong(name, f"links to {target}, which has no such heading")
    for path in (ROOT / "docs/deploy").glob("*.md"):
        lines = path.read_text(encoding="utf-8").count("\n")
        if path.name not in ("README.md", "install.md", "release.md") and lines > 60:
            wrong(path.relative_to(ROOT), f"{lines} lines are more than one screen")


def profiles(program):
    """The commands for making profiles are run as they stand on the pages."""
    blocks = []
    for page in (ROOT / "docs/deploy/README.md", ROOT / "docs/jamf-trust.md"):
        found = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S)
        blocks += [block for block in found if "holdfast profile" in block]
    if len(blocks) != 3:
        wrong("pages", f"have {len(blocks)} blocks that make profiles, not 3")
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "holdfast").symlink_to(pathlib.Path(program).resolve())
        path = f"{place}:{os.environ['PATH']}"
        for block in blocks:
            answer = said("/bin/sh", "-e", "-c", block, cwd=place, env={**os.environ, "PATH": path})
            if answer.returncode:
                wrong("pages", f"{block.split(chr(10))[0].strip()} …: {answer.stderr}")
        for name in ("audit", "enforce", "service", "companion-26", "sign-out"):
            made = place / f"{name}.mobileconfig"
            if not made.exists() or b"<plist" not in made.read_bytes():
                wrong("pages", f"made no {name}.mobileconfig")
                return
        for name, mode in (("audit", ["audit"]), ("enforce", [])):
            said_mode = re.findall(r"<key>Mode</key>\s*<string>(\w+)</string>", (place / f"{name}.mobileconfig").read_text())
            if said_mode != mode:
                wrong("docs/deploy/README.md", f"{name}.mobileconfig says {said_mode} about modes, not {mode}")


def main():
    if len(sys.argv) != 3 or sys.argv[1] != "--holdfast":
        sys.exit(__doc__)
    program, files = sys.argv[2], deploy_files.files()
    as_written(files)
    style(files)
    parsed(files)
    facts(program, files)
    queries()
    links()
    profiles(program)
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {len(pages())} pages, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
