# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# The files for MDMs: every script on every kind of Mac, under every shell, and the SQL over the same state files.

# Inside the rig: deployed REPO STATE: brings the Mac into that state and runs everything there is.
deployed() {
    local repo=$1 status=0
    # The tools would be found by these names, and the program by its path alone.
    case $2 in
    absent) rm /Library/Holdfast/bin/holdfast ;;
    link)
        mv /Library/Holdfast/bin/holdfast /private/elsewhere
        ln -s /private/elsewhere /Library/Holdfast/bin/holdfast
        ;;
    never_run) ;;
    *)
        holdfast enforce --json >/private/sim/out/enforce.json 2>&1 || status=$?
        case $2 in
        compliant) [[ $status -eq 0 || $status -eq 3 ]] || { cat /private/sim/out/enforce.json; exit 1; } ;;
        failing) [[ $status -eq 2 ]] ;;
        *) python3 "$repo/tests/rig/deploy.py" spoil "$2" ;;
        esac
        ;;
    esac
    python3 "$repo/tests/rig/deploy.py" run "$repo/pkg" /private/sim/out "$2"
}

# deployed_as STATE WORLD WORD: in that state everything says WORD.
deployed_as() {
    on "$2@arm-laptop-26" "$here/rig" deployed "$repo" "$1"
    python3 "$repo/tests/rig/deploy.py" judge "$3" "$here/rig/out" "$1"
}

# Inside the rig: the remediation script mends what root can mend, and yields to a profile.
remediated() {
    local repo=$1 status=0
    "$repo/pkg/kandji/audit.sh" >/private/sim/out/before.out 2>&1 || echo $? >/private/sim/out/before.status
    env -i ENV=/private/evil PATH=/private/evil "$repo/pkg/kandji/remediation.sh" >/private/sim/out/mend.out 2>&1 || status=$?
    echo "$status" >/private/sim/out/mend.status
    keep end
    rm /Library/Holdfast/bin/holdfast
    status=0
    "$repo/pkg/kandji/remediation.sh" >/private/sim/out/gone.out 2>&1 || status=$?
    echo "$status" >/private/sim/out/gone.status
}

remediation() {
    local out=$here/rig/out
    on "neglected@arm-laptop-26" "$here/rig" remediated "$repo"
    expect 'audit before' 1 "$(cat "$out/before.status")"
    expect 'said before' $'compliance_state: never_run\nfailing_controls: never_run' "$(cat "$out/before.out")"
    # What only a profile or a person can set is still as it was.
    expect 'status' 1 "$(cat "$out/mend.status")"
    expect 'first line' 'enforce: drift remains, or something is unknown' "$(head -n 1 "$out/mend.out")"
    expect 'second line' 'compliance_state: drifted' "$(sed -n 2p "$out/mend.out")"
    says "$out/end/ledger/compliance.ndjson" '"event":"fixed","control":"firewall_on"'
    expect 'status without agent' 1 "$(cat "$out/gone.status")"
    expect 'said without agent' 'compliance_state: not_installed' "$(cat "$out/gone.out")"
}

remediation_hardened() {
    local out=$here/rig/out
    on "hardened@arm-laptop-26" "$here/rig" remediated "$repo"
    expect 'status' 0 "$(cat "$out/mend.status")"
    expect 'said' $'enforce: all held\ncompliance_state: compliant\nfailing_controls: none' "$(cat "$out/mend.out")"
}

# Inside the rig: a program that somebody else than root could exchange, by each folder on the way to it.
exchangeable() {
    local script=$1/pkg/mosyle/command.sh folder
    holdfast enforce --json >/private/sim/out/enforce.json 2>&1 || true
    said() { printf '%s: %s\n' "$1" "$("$script" 2>&1 | head -n 1)" >>/private/sim/out/said; }
    rm -f /private/sim/out/said
    said good
    for folder in /Library /Library/Holdfast /Library/Holdfast/bin; do
        chmod 0775 "$folder" && said "$folder group" && chmod 0757 "$folder" && said "$folder others" && chmod 0755 "$folder"
        chown 501 "$folder" && said "$folder alice" && chown 0 "$folder"
    done
    mv "$folder" /private/elsewhere && ln -s /private/elsewhere "$folder" && said "$folder link"
    rm "$folder" && mv /private/elsewhere "$folder"
    chown 501 /Library/Holdfast/bin/holdfast && said "program alice" && chown 0 /Library/Holdfast/bin/holdfast
    said good
}

exchangeables() {
    local out=$here/rig/out
    on "hardened@arm-laptop-26" "$here/rig" exchangeable "$repo"
    expect 'runs' 13 "$(wc -l <"$out/said")"
    expect 'good' 2 "$(grep -c '^good: compliance_state: compliant$' "$out/said")"
    expect 'refused' 11 "$(grep -c ': compliance_state: not_installed$' "$out/said")"
}

# Inside the rig.
conditions() {
    holdfast enforce --json >/private/sim/out/enforce.json 2>&1 || true
    python3 "$1/tests/rig/deploy.py" munki "$1/pkg" /private/sim/out
}

munki_condition() {
    on "neglected@arm-laptop-26" "$here/rig" conditions "$repo"
    python3 "$repo/tests/rig/deploy.py" judge_munki "$here/rig/out" drifted
}

check 'reports to MDMs: no agent' deployed_as absent neglected absent
check 'reports to MDMs: a link where the agent should be' deployed_as link neglected absent
check 'reports to MDMs: an agent that others could exchange' exchangeables
check 'reports to MDMs: never run' deployed_as never_run neglected never_run
check 'reports to MDMs: compliant' deployed_as compliant hardened compliant
check 'reports to MDMs: failing' deployed_as failing neglected drifted
check 'reports to MDMs: stale' deployed_as old hardened stale
check 'reports to MDMs: from the future' deployed_as future hardened stale
check 'reports to MDMs: a hostile state file' deployed_as hostile hardened unreadable
check 'reports to MDMs: a state file that ends early' deployed_as cut hardened unreadable
check 'reports to MDMs: a state file that others can write' deployed_as others hardened unreadable
check 'reports to MDMs: a state file that is somebody else'"'"'s' deployed_as alice hardened unreadable
check 'reports to MDMs: a link for a state file' deployed_as link_state hardened unreadable
check 'the remediation script mends, and says what is left' remediation
check 'the remediation script on a Mac that is as it should be' remediation_hardened
check 'the Munki condition writes what it must and follows no link' munki_condition
