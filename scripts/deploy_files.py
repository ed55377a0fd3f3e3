#!/usr/bin/env python3
"""Writes what admins upload to their MDMs: pkg/{intune,kandji,jumpcloud,addigy,mosyle,workspace-one,munki,fleet,osquery}.

An MDM takes one file at a time, so each script must stand alone: every one carries the same guard, and there is a file for
each fact. Written by hand these would drift apart one by one; from the one guard and the one table here they cannot.
scripts/check_deploy.py holds the files equal to what this prints, and the table equal to `holdfast ea --list`. The Jamf Pro
extension attributes come from the program's own table (pkg/jamf).

    scripts/deploy_files.py            writes the files
    scripts/deploy_files.py --check    exits 1, naming each file that is not as it should be
"""

import json
import pathlib
import sys

import deploy_sql

ROOT = pathlib.Path(__file__).resolve().parent.parent

BINARY = deploy_sql.BINARY

# Name in `holdfast fact`, type there, what it says.
FACTS = (
    ("compliance_state", "String", "compliant, drifted, unknown or bad_policy"),
    ("failing_controls", "String", "the ids of the controls that have drifted, with commas, or none"),
    ("failing_count", "Integer", "how many controls have drifted"),
    ("unknown_controls", "String", "the ids of the controls that could not be read, with commas, or none"),
    ("contested_controls", "String", "the ids of the controls that somebody keeps setting back, with commas, or none"),
    ("last_run", "Date", "when the agent last looked"),
    ("last_sign_out", "Date", "when a sign-out from Jamf Trust was last delivered, or never"),
    ("agent_health", "String", "ok, bad_policy, stale, never_run or unreadable"),
    ("bootstrap_token", "String", "escrowed, not_escrowed, not_applicable, not_checked or unknown"),
    ("exemption_count", "Integer", "how many controls are exempt"),
    ("agent_version", "String", "the agent's version"),
)

# The same in every script, to the byte. A program that is a link is not the one that the package installed, and one that
# somebody else than root could exchange is not started: these scripts run as root. Jamf Pro's ask the same. What a fact says is
# checked by the program itself, against the words that it may say.
GUARD = f"""\
PATH=/usr/bin:/bin:/usr/sbin:/sbin
export PATH
unset -v ENV BASH_ENV ZDOTDIR CDPATH IFS
unset -f printf '[' 2>/dev/null
holdfast={BINARY}
# Named again are those that are root's, are no links, and can be written by nobody else. The program must be a file to run.
installed() {{
    safe=$(/usr/bin/find / /Library /Library/Holdfast /Library/Holdfast/bin "$holdfast" -prune -user 0 \
        ! -perm -0020 ! -perm -0002 \( -type d ! -path "$holdfast" -o -type f -path "$holdfast" -perm -0100 \) 2>/dev/null)
    [ "$safe" = "/
/Library
/Library/Holdfast
/Library/Holdfast/bin
$holdfast" ]
}}
# fact NAME: one fact from the agent's state file. No check is run. What the program cannot say is unreadable, never good.
fact() {{
    value=$("$holdfast" fact "$1" 2>/dev/null </dev/null) && [ -n "$value" ] || value=unreadable
    printf '%s\\n' "$value"
}}
"""

# Every report in one text, for engines that keep a script's output and exit status.
REPORT = f"""\
if ! installed; then
    printf 'compliance_state: not_installed\\n'
    exit 1
fi
for name in {' '.join(name for name, _, _ in FACTS)}; do
    printf '%s: %s\\n' "$name" "$(fact "$name")"
done
"$holdfast" audit >/dev/null 2>&1 </dev/null
case $? in
0) exit 0 ;;
1) exit 1 ;;
*) exit 2 ;;
esac
"""

# Two lines, and whether all holds: for engines that know only pass and fail.
AUDIT = """\
if ! installed; then
    printf 'compliance_state: not_installed\\n'
    exit 1
fi
printf 'compliance_state: %s\\n' "$(fact compliance_state)"
printf 'failing_controls: %s\\n' "$(fact failing_controls)"
"$holdfast" audit >/dev/null 2>&1 </dev/null || exit 1
"""

REMEDY = """\
if ! installed; then
    printf 'compliance_state: not_installed\\n'
    exit 1
fi
"$holdfast" enforce >/dev/null 2>&1 </dev/null
case $? in
0) printf 'enforce: all held\\n' ;;
3) printf 'enforce: there was drift, all of it is mended\\n' ;;
2) printf 'enforce: drift remains, or something is unknown\\n' ;;
77) printf 'enforce: not root\\n' ;;
78) printf 'enforce: the policy has problems\\n' ;;
*) printf 'enforce: could not run\\n' ;;
esac
printf 'compliance_state: %s\\n' "$(fact compliance_state)"
printf 'failing_controls: %s\\n' "$(fact failing_controls)"
"$holdfast" audit >/dev/null 2>&1 </dev/null || exit 1
"""

CONDITION = """\
# Where this Mac has Munki work: a profile's word, then the local one, then Munki's default.
for domain in '/Library/Managed Preferences/ManagedInstalls' /Library/Preferences/ManagedInstalls; do
    folder=$(/usr/bin/defaults read "$domain" ManagedInstallDir 2>/dev/null) && break
    folder='/Library/Managed Installs'
done
items=$folder/ConditionalItems
case $folder in
/*) ;;
*) exit 1 ;;
esac
[ -d "$folder" ] && [ ! -L "$folder" ] && [ ! -L "$items.plist" ] || exit 1
if installed; then
    state=$(fact compliance_state)
    failing=$(fact failing_controls)
    count=$(fact failing_count)
    health=$(fact agent_health)
    version=$(fact agent_version)
else
    state=not_installed failing=not_installed count=-1 health=not_installed version=not_installed
fi
# A condition compares numbers, and no word is one.
[ "$count" != unreadable ] || count=-2
/usr/bin/defaults write "$items" holdfast_compliance_state -string "$state"
/usr/bin/defaults write "$items" holdfast_failing_controls -string "$failing"
/usr/bin/defaults write "$items" holdfast_failing_count -int "$count"
/usr/bin/defaults write "$items" holdfast_agent_health -string "$health"
/usr/bin/defaults write "$items" holdfast_agent_version -string "$version"
/usr/bin/plutil -convert xml1 "$items.plist"
"""


def script(comment, body):
    lines = "".join(f"# {line}\n" for line in comment.splitlines())
    return f"#!/bin/sh\n{lines}{GUARD}\n{body}"


def string(name):
    return f"if installed; then fact {name}; else printf 'not_installed\\n'; fi\n"


def integer(name):
    return f"""\
installed || {{ printf '%s\\n' -1; exit 0; }}
value=$(fact {name})
[ "$value" != unreadable ] || value=-2
printf '%s\\n' "$value"
"""


def value_script(engine, name, kind, says):
    """One fact as the engine's attribute: a String, or an Integer with -1 and -2 for what is no number."""
    if kind == "Integer":
        comment = f"{engine}, a whole number: {says}; -1 where Holdfast is not installed, -2 where it cannot be told."
        return script(comment, integer(name))
    comment = f"{engine}, a string: {says};\nnot_installed, never_run, stale or unreadable where that cannot be told."
    return script(comment, string(name))


def intune_date(name, says):
    """Intune shows a run with an exit status other than 0 as Failed, with what was said: a word is no date."""
    body = f"""\
if installed; then value=$(fact {name}); else value=not_installed; fi
printf '%s\\n' "$value"
case $value in
[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*) exit 0 ;;
*) exit 1 ;;
esac
"""
    comment = (f"Intune custom attribute, type Date: {says}.\n"
               "Where there is no date: the word why, and exit status 1, which Intune shows as Failed.")
    return script(comment, body)


def sensor_date(name, says):
    """The basic form of ISO 8601: Workspace ONE's attributes have refused colons."""
    body = f"if installed; then fact {name} | /usr/bin/tr -d ':-'; else printf 'not_installed\\n'; fi\n"
    comment = (f"Workspace ONE sensor, a string: {says}, as 20261122T102431Z;\n"
               "not_installed, never_run or unreadable where that cannot be told.")
    return script(comment, body)


def files():
    """Every file's path below the repository, and its text."""
    made = {}
    for name, kind, says in FACTS:
        if kind == "Date":
            made[f"pkg/intune/{name}.sh"] = intune_date(name, says)
            made[f"pkg/workspace-one/{name}.sh"] = sensor_date(name, says)
        else:
            made[f"pkg/intune/{name}.sh"] = value_script("Intune custom attribute", name, kind, says)
            made[f"pkg/workspace-one/{name}.sh"] = value_script("Workspace ONE sensor", name, kind, says)
        made[f"pkg/addigy/{name}.sh"] = value_script("Addigy custom fact", name, kind, says)
    made["pkg/intune/compliance.sh"] = script(
        "Intune custom attribute, type String, that also says yes or no: its status is Success where all holds, and Failed\n"
        "where it does not, where that cannot be told and where Holdfast is not installed. Intune has no compliance script\n"
        "for macOS; this is the nearest that it has.", AUDIT)
    made["pkg/kandji/audit.sh"] = script(
        "Kandji (Iru) audit script: 0 where all holds, else 1, which is an alert and starts the remediation script.", AUDIT)
    made["pkg/kandji/remediation.sh"] = script(
        "Kandji (Iru) remediation script: one pass that mends what policy has it mend. A setting that a profile governs is\n"
        "left alone. 0 where all holds afterwards.", REMEDY)
    made["pkg/kandji/info.json"] = json.dumps(
        {"name": "Holdfast", "active": False, "execution_frequency": "every_day", "restart": False}, indent=2) + "\n"
    made["pkg/jumpcloud/command.sh"] = script(
        "JumpCloud command for Mac: every fact, one a line. Result code 0 all holds, 1 it does not or Holdfast is not\n"
        "installed, 2 it cannot be told.", REPORT)
    made["pkg/mosyle/command.sh"] = script(
        "Custom command for Mosyle: every fact, one a line. Exit status 0 all holds, 1 it does not or Holdfast is not\n"
        "installed, 2 it cannot be told.", REPORT)
    made["pkg/munki/holdfast"] = script(
        "Munki condition: /usr/local/munki/conditions/holdfast, root:wheel 0755. Munki reads what it writes when it looks at\n"
        "the conditional items of a manifest.", CONDITION)
    made.update(deploy_sql.files())
    return made


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    wrong = []
    for name, text in files().items():
        path = ROOT / name
        if check:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                wrong.append(name)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if text.startswith("#!"):
            path.chmod(0o755)
    if wrong:
        sys.exit("not as scripts/deploy_files.py writes them: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
