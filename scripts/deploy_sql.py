"""The SQL over the state file for osquery and Fleet, and the files that carry it. Part of scripts/deploy_files.py.

osquery's table `plist` gives one row a key, each value as text; its table `file` says what stands at a path. A state file that
root did not write, or in which a value is not of its form, is `unreadable`. The forms are those that `holdfast fact` checks.
"""

import json

BINARY = "/Library/Holdfast/bin/holdfast"
STATUS = "/Library/Application Support/Holdfast/status.plist"

# The keys of the state file that the SQL reads.
KEYS = ("State", "LastRunEpoch", "StaleAfter", "DriftedControls", "UnknownControls", "ContestedControls", "AgentVersion")

INSTALLED = f"EXISTS (SELECT 1 FROM file WHERE path = '{BINARY}' AND type = 'regular' AND symlink = 0)"
THERE = f"EXISTS (SELECT 1 FROM file WHERE path = '{STATUS}')"


def whole(column):
    """Whether the text is a whole number of at most ten digits."""
    return f"(LENGTH(s.{column}) BETWEEN 1 AND 10 AND s.{column} NOT GLOB '*[^0-9]*')"


# One row, whatever the file holds: each key's value, null where it is not there; and `why_not`, the reason why nothing can
# be told, or null. A file is readable where root alone can write it (the mode is four octal digits) and each value is of its
# form: StaleAfter is between a day and 28 days, four times the longest interval that policy allows. It is fresh where it is
# at most as old as it says that it may be, and at most five minutes from the future.
SOURCE = f"""FROM (
  SELECT s.*, CASE
      WHEN NOT {INSTALLED} THEN 'not_installed'
      WHEN NOT {THERE} THEN 'never_run'
      WHEN NOT EXISTS (
        SELECT 1 FROM file WHERE path = '{STATUS}'
          AND type = 'regular' AND symlink = 0 AND uid = 0 AND mode GLOB '0[0-7][0145][0145]'
      ) THEN 'unreadable'
      WHEN NOT COALESCE(
        s.State IN ('compliant', 'drifted', 'unknown', 'bad_policy')
        AND {whole('LastRunEpoch')}
        AND {whole('StaleAfter')}
        AND CAST(s.StaleAfter AS INTEGER) BETWEEN 86400 AND 2419200, 0
      ) THEN 'unreadable'
      WHEN NOT t.unix_time - CAST(s.LastRunEpoch AS INTEGER) BETWEEN -300 AND CAST(s.StaleAfter AS INTEGER) THEN 'stale'
    END AS why_not
  FROM (
    SELECT
""" + ",\n".join(f"      MAX(CASE WHEN key = '{key}' THEN value END) AS {key}" for key in KEYS) + f"""
    FROM plist WHERE path = '{STATUS}' AND subkey = ''
  ) AS s, time AS t
) AS s"""


def listed(column):
    """A list of ids, `none`, or why it cannot be told."""
    return (f"COALESCE(s.why_not, CASE WHEN s.{column} = '' THEN 'none'\n"
            f"    WHEN s.{column} NOT GLOB '*[^a-z0-9_,]*' THEN s.{column} ELSE 'unreadable' END)")


STATE_REPORT = f"""SELECT
  COALESCE(s.why_not, s.State) AS compliance_state,
  {listed('DriftedControls')} AS failing_controls,
  {listed('UnknownControls')} AS unknown_controls,
  {listed('ContestedControls')} AS contested_controls,
  CASE WHEN {whole('LastRunEpoch')} THEN CAST(s.LastRunEpoch AS INTEGER) END AS last_run_epoch,
  CASE WHEN LENGTH(s.AgentVersion) < 40 AND s.AgentVersion NOT GLOB '*[^0-9A-Za-z.+-]*' THEN s.AgentVersion END
    AS agent_version
{SOURCE};"""

# One row for each control, for the reports of a Mac that is fresh; none for another, which the report above names.
CONTROL_REPORT = f"""SELECT
  SUBSTR(c.key, 9) AS control,
  CASE WHEN c.value IN ('compliant', 'fixed', 'drifted', 'unknown', 'not_applicable', 'off', 'exempt') THEN c.value
    ELSE 'unreadable' END AS state
{SOURCE}
JOIN plist AS c ON c.path = '{STATUS}'
WHERE s.why_not IS NULL
  AND c.subkey = '' AND c.key GLOB 'Control_*' AND SUBSTR(c.key, 9) NOT GLOB '*[^a-z0-9_]*';"""


def passes(condition=None):
    """A policy: a row where nothing stands in the way, and the condition holds."""
    return f"SELECT 1 {SOURCE}\nWHERE s.why_not IS NULL" + (f" AND {condition};" if condition else ";")


DOCS = "See docs/deploy/fleet.md."

POLICIES = (
    ("Holdfast - installed", "The agent's program is there.",
     f"Install the package. {DOCS}", f"SELECT 1 WHERE {INSTALLED};"),
    ("Holdfast - reporting",
     "The agent is there and its state file is readable and fresh. Fails where it is not installed, never ran, or last ran "
     "longer ago than its own schedule allows.",
     f"Run `holdfast doctor` on the Mac. The report 'Holdfast - state' has the word why. {DOCS}", passes()),
    ("Holdfast - compliant",
     "Every control that policy asks for holds, as of a pass that is not stale. Fails too where that cannot be told.",
     f"Run `holdfast status` on the Mac. The report 'Holdfast - state' names the failing controls. {DOCS}",
     passes("s.State = 'compliant' AND s.DriftedControls = '' AND s.UnknownControls = ''")),
    ("Holdfast - nothing contested", "Nobody keeps setting back what the agent sets, as of a pass that is not stale.",
     f"Run `holdfast status` on the Mac: it names who may be behind it. {DOCS}", passes("s.ContestedControls = ''")),
)

REPORTS = (
    ("Holdfast - state",
     "One row a Mac: its state, or not_installed, never_run, stale or unreadable; and the ids of the controls concerned.",
     STATE_REPORT),
    ("Holdfast - controls", "One row a control, on Macs whose last pass is not stale.", CONTROL_REPORT),
)


def quoted(text):
    return json.dumps(text)


def block(sql, indent):
    return "|\n" + "".join(f"{' ' * indent}{line}\n" for line in sql.splitlines())


def fleet_policies():
    text = "---\n# Fleet policies over Holdfast's state file: a file for a `path` under `policies`.\n"
    for name, description, resolution, sql in POLICIES:
        text += f"- name: {quoted(name)}\n  description: {quoted(description)}\n  resolution: {quoted(resolution)}\n"
        text += f"  platform: darwin\n  critical: false\n  query: {block(sql, 4)}"
    return text


def fleet_reports():
    text = "---\n# Fleet reports over Holdfast's state file: a file for a `path` under `reports` (`queries` before 4.82).\n"
    for name, description, sql in REPORTS:
        text += f"- name: {quoted(name)}\n  description: {quoted(description)}\n  platform: darwin\n  interval: 3600\n"
        text += f"  observer_can_run: true\n  automations_enabled: false\n  query: {block(sql, 4)}"
    return text


def one_line(sql):
    return " ".join(sql.split())


def osquery_pack():
    queries = {}
    for name, (_, description, sql), interval in zip(("state", "controls"), REPORTS, (3600, 21600)):
        queries[name] = {"query": one_line(sql), "interval": interval, "snapshot": True, "description": description}
    return json.dumps({"platform": "darwin", "queries": queries}, indent=2) + "\n"


def files():
    """Every file's path below the repository, and its text."""
    return {
        "pkg/fleet/policies.yml": fleet_policies(),
        "pkg/fleet/reports.yml": fleet_reports(),
        "pkg/osquery/holdfast.conf": osquery_pack(),
    }
