"""What is wrong with the workflows of GitHub Actions, as far as it can be told without running them.

    check_workflows.py FILE...

Every `run` goes through shellcheck (expressions of GitHub's stand for a word), actions are pinned to a major version, jobs end in
time, and nothing gets more rights than reading. Needs PyYAML and shellcheck.
"""

import pathlib
import re
import subprocess
import sys

import yaml

EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.S)
# Texts that anybody who opens a pull request writes; in a script they would be part of the program.
FOREIGN = re.compile(r"github\.(event\.(pull_request|issue|comment|head_commit|commits|review)|head_ref)")
ACTION = re.compile(r"[\w.-]+/[\w./-]+@v\d+")
SHELL = "bash"


def shellcheck(script):
    """What shellcheck says about a script that GitHub runs with `bash -eo pipefail`."""
    text = "#!/bin/bash\nset -eo pipefail\n" + EXPRESSION.sub("EXPRESSION", script)
    ran = subprocess.run(["shellcheck", "-s", SHELL, "-f", "gcc", "-"], input=text, capture_output=True, text=True)
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"shellcheck: status {ran.returncode}: {ran.stderr}")
    return [line.split(":", 1)[1] for line in ran.stdout.splitlines()]


def step_faults(step):
    if ("run" in step) == ("uses" in step):
        yield "has neither or both of run and uses"
        return
    if "uses" in step:
        if not ACTION.fullmatch(step["uses"]):
            yield f"{step['uses']}: not pinned to a major version"
        return
    if step.get("shell", SHELL) != SHELL:
        yield f"shell {step['shell']}: not what the check knows"
    for expression in EXPRESSION.findall(step["run"]):
        if FOREIGN.search(expression):
            yield f"{expression.strip()}: somebody else's text in a script; hand it over in env"
    yield from shellcheck(step["run"])


def workflow_faults(text):
    """What is wrong, in words."""
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    if True not in workflow and "on" not in workflow:
        yield "nothing starts it"
    if "pull_request_target" in str(workflow.get(True, workflow.get("on"))):
        yield "pull_request_target gives strangers' code our rights"
    if workflow.get("permissions") != {"contents": "read"}:
        yield "permissions are not contents: read"
    jobs = workflow.get("jobs") or {}
    if not jobs:
        yield "has no jobs"
    for name, job in jobs.items():
        if "permissions" in job:
            yield f"{name}: has permissions of its own"
        if not isinstance(job.get("timeout-minutes"), int):
            yield f"{name}: may run without end"
        if "runs-on" not in job:
            yield f"{name}: runs nowhere"
        for number, step in enumerate(job.get("steps") or [{}], 1):
            for fault in step_faults(step):
                yield f"{name}, step {number} ({step.get('name', step.get('uses', 'unnamed'))}): {fault}"


def main(paths):
    faults = [f"{path}: {fault}" for path in paths for fault in workflow_faults(pathlib.Path(path).read_text())]
    print(*faults, f"{len(paths)} workflows, {len(faults)} faults", sep="\n")
    return bool(faults) or not paths


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
