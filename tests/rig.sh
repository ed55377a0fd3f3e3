#!/usr/bin/env bash
# End to end: the program as it ships, with the production host, on simulated Macs that scripts/rig puts up. Needs Linux and
# root. Prints a line for each check and ends with how many passed and failed; exits 1 if any failed.
#
#   tests/rig.sh [PATTERN]...    only the checks whose names contain one of the patterns
#
# RIG_BIN names a folder that holds ready-built `holdfast` and `examples/{simtool,conformance}`; without it they are built here.
# RIG_SLICE and RIG_MACHRUN have another program tried on the simulated Macs, as in scripts/rig; what it is compared with stays
# the former.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
patterns=("${@:-}")
if [[ $(uname) != Linux || $EUID -ne 0 ]]; then
    echo 'tests/rig.sh: needs Linux and root' >&2
    exit 77
fi
if [[ -z ${RIG_BIN-} ]]; then
    cargo build --quiet --locked --manifest-path "$repo/Cargo.toml" --bin holdfast --example simtool --example conformance
    RIG_BIN=${CARGO_TARGET_DIR:-$repo/target}/debug
fi
RIG_BIN=$(realpath "$RIG_BIN")
export RIG_BIN

for tool in python3 setpriv timeout unshare chroot; do
    command -v "$tool" >/dev/null || { echo "tests/rig.sh: needs $tool, which is not here" >&2; exit 77; }
done
# One Mac put up and taken down shows whether this machine can at all; scripts/rig says what it lacks.
"$repo/scripts/rig" neglected@vm-26 -- true || { echo 'tests/rig.sh: no Mac can be put up here' >&2; exit 77; }

work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2034 # for the files sourced below
macs=(intel-laptop-14 arm-laptop-15 arm-laptop-26 arm-laptop-27 arm-desktop-26 vm-26)
# shellcheck disable=SC2034
laptop=neglected@arm-laptop-26
# shellcheck disable=SC2034
policy='Library/Managed Preferences/org.holdfast.agent.plist'
update=/Library/Preferences/com.apple.SoftwareUpdate.plist
passed=0 failed=0

judge() {
    python3 "$repo/tests/rig/judge.py" "$@"
}

wanted() {
    local pattern
    for pattern in "${patterns[@]}"; do
        if [[ $1 == *"$pattern"* ]]; then return 0; fi
    done
    return 1
}

# check NAME COMMAND...: runs the command with errexit of its own, in a new folder.
check() {
    local name=$1 status output
    shift
    wanted "$name" || return 0
    here=$(mktemp -d -p "$work")
    set +e
    output=$(
        set -e
        exec 2>&1
        "$@"
    )
    status=$?
    set -e
    if [[ $status -eq 0 ]]; then
        passed=$((passed + 1))
        printf 'ok    %s%s\n' "$name" "${output:+ (${output##*$'\n'})}"
        rm -rf "$here"
    else
        failed=$((failed + 1))
        printf 'FAIL  %s\n' "$name"
        printf '%s\n' "${output:-status $status}" | sed 's/^/      /'
        printf '      its folder was: %s\n' "$(find "$here" -maxdepth 3 -type f -printf '%P ')"
    fi
}

# needed NAME COMMAND...: a check that others build on, whatever is asked for.
needed() {
    local patterns=('')
    check "$@"
}

# expect WHAT EXPECTED SEEN
expect() {
    [[ $3 == "$2" ]] || { echo "$1: expected $2, got $3"; exit 1; }
}

# says FILE TEXT: the file contains the text.
says() {
    grep -qF -- "$2" "$1" || { echo "$(basename "$1") does not say \"$2\" but:"; head -c 2000 "$1"; exit 1; }
}

# Nothing in these files speaks of a panic.
calm() {
    if grep -i panicked "$@"; then exit 1; fi
}

# create WORLD@MAC DIR: makes the Mac without starting anything on it.
create() {
    "$RIG_BIN/examples/simtool" --create "$1" "$2"
    chmod 755 "$2"
}

# on WORLD@MAC DIR FUNCTION ARGUMENTS...: runs one of the functions below inside the rig. What it keeps goes to /private/sim/out,
# which is DIR/out outside.
on() {
    local mac=$1 dir=$2
    shift 2
    [[ -e $dir/mac.json ]] || create "$mac" "$dir"
    mkdir -p "$dir/out"
    timeout "${limit:-180}" "$repo/scripts/rig" "$mac" --dir "$dir" -- \
        bash -euo pipefail -c "$(declare -f; declare -p update)"$'\n''"$@"' "$1" "$@"
}

# Inside the rig: enforce NAME [OPTIONS...] keeps report, complaints and status as out/NAME.{json,err,status}.
enforce() {
    local name=$1 status=0
    shift
    holdfast enforce --level 3 --json "$@" >"/private/sim/out/$name.json" 2>"/private/sim/out/$name.err" || status=$?
    echo "$status" >"/private/sim/out/$name.status"
}

# Inside the rig: the same for `log verify`.
verify() {
    local status=0
    holdfast log verify >"/private/sim/out/$1.out" 2>&1 || status=$?
    echo "$status" >"/private/sim/out/$1.status"
}

# Inside the rig: keeps the ledger and the Mac as they are now, as out/NAME.
keep() {
    local folder
    mkdir -p "/private/sim/out/$1/ledger"
    cp -a /private/sim/mac.json "/private/sim/out/$1/"
    for folder in Applications Library/LaunchDaemons Library/Preferences 'Library/Managed Preferences' Library/Scripts \
        Users private/etc private/var/db; do
        [[ -d /private/sim/$folder ]] || continue
        mkdir -p "/private/sim/out/$1/$folder"
        cp -a "/private/sim/$folder/." "/private/sim/out/$1/$folder/"
    done
    cp -a /Library/Logs/Holdfast/. "/private/sim/out/$1/ledger/" 2>/dev/null || true
}

# Inside the rig: wrap TOOL LINES puts the lines of bash in front of the tool.
wrap() {
    local name
    name=$(basename "$1")
    mkdir -p /private/wrapped
    mv "$1" "/private/wrapped/$name"
    printf '#!/bin/bash\n%s\nexec "/private/wrapped/%s" "$@"\n' "$2" "$name" >"$1"
    chmod 755 "$1"
}

# shellcheck source=tests/rig/equal.sh
. "$repo/tests/rig/equal.sh"
# shellcheck source=tests/rig/tools.sh
. "$repo/tests/rig/tools.sh"
# shellcheck source=tests/rig/sessions.sh
. "$repo/tests/rig/sessions.sh"
# shellcheck source=tests/rig/trust.sh
. "$repo/tests/rig/trust.sh"
# shellcheck source=tests/rig/stop.sh
. "$repo/tests/rig/stop.sh"
# shellcheck source=tests/rig/restore.sh
. "$repo/tests/rig/restore.sh"
# shellcheck source=tests/rig/daemon.sh
. "$repo/tests/rig/daemon.sh"
# shellcheck source=tests/rig/kill.sh
. "$repo/tests/rig/kill.sh"
# shellcheck source=tests/rig/package.sh
. "$repo/tests/rig/package.sh"
# shellcheck source=tests/rig/attacks.sh
. "$repo/tests/rig/attacks.sh"
# shellcheck source=tests/rig/deploy.sh
. "$repo/tests/rig/deploy.sh"
# shellcheck source=tests/rig/conformance.sh
. "$repo/tests/rig/conformance.sh"
# shellcheck source=tests/rig/reports.sh
. "$repo/tests/rig/reports.sh"

printf '%s passed, %s failed\n' "$passed" "$failed"
[[ $failed -eq 0 && $passed -gt 0 ]]
