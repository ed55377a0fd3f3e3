# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# What MDMs are told: the extension attributes as they ship, and the commands behind them.

# Inside the rig: reports WHAT ARGUMENTS...: makes one pass, and then asks.
reports() {
    mkdir -p /private/sim/out/jamf
    cp "$reports_from"/pkg/jamf/*.sh /private/sim/out/jamf/
    chmod 755 /private/sim/out/jamf/*.sh
    holdfast enforce >/dev/null 2>&1 || true
    python3 "$reports_from/tests/rig/reports.py" "$@"
}

# told WORLD@MAC ARGUMENTS...
told() {
    export reports_from=$repo
    on "$1" "$here/rig" reports "${@:2}"
}

check 'reports of a Mac on which all holds' told hardened@arm-laptop-26 'as it is' compliant
check 'reports of a Mac on which something does not' told "$laptop" 'as it is' drifted
check 'reports of every other state, good, old or hostile' told hardened@arm-laptop-26 states
check 'reports where there is no agent, or none to trust' told hardened@arm-laptop-26 'no agent'
check 'reports in a hostile environment' told hardened@arm-laptop-26 environments
check 'reports that are asked for wrongly' told hardened@arm-laptop-26 usage
