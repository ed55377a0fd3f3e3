# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# Files and folders that are not to be trusted, and who may run what.

# refused DIR TEXT: the run said no, with TEXT, and changed nothing.
refused() {
    expect 'exit status' 1 "$(cat "$here/rig/out/first.status")"
    says "$here/rig/out/first.err" "$1"
    calm "$here/rig/out/first.err"
    judge same "$here/before" "$here/rig"
    expect 'intends lines' 0 "$(judge intends "$here/rig/Library/Logs/Holdfast")"
}

# prepared FUNCTION TEXT: enforce after FUNCTION has spoilt something inside the rig is refused with TEXT.
prepared() {
    create "$laptop" "$here/rig"
    cp -a "$here/rig" "$here/before"
    on "$laptop" "$here/rig" "$1"
    refused "$2"
}

log_folder_for_groups() {
    mkdir -p /Library/Logs/Holdfast
    chmod 775 /Library/Logs/Holdfast
    enforce first
}

log_folder_of_alice() {
    mkdir -p /Library/Logs/Holdfast
    chown 501 /Library/Logs/Holdfast
    enforce first
}

folder_above_for_all() {
    mkdir -p '/Library/Application Support'
    chmod 777 '/Library/Application Support'
    enforce first
}

ledger_link() {
    mkdir -p /Library/Logs/Holdfast
    echo precious >/private/sim/out/elsewhere
    ln -s /private/sim/out/elsewhere /Library/Logs/Holdfast/compliance.ndjson
    enforce first
}

linked() {
    prepared ledger_link /Library/Logs/Holdfast/compliance.ndjson
    expect 'what the link points to' precious "$(cat "$here/rig/out/elsewhere")"
}

log_folder_link() {
    mkdir -p /Library/Logs /private/sim/out/elsewhere
    ln -s /private/sim/out/elsewhere /Library/Logs/Holdfast
    enforce first
}

ledger_for_all() {
    mkdir -p /Library/Logs/Holdfast
    touch /Library/Logs/Holdfast/compliance.ndjson
    chmod 666 /Library/Logs/Holdfast/compliance.ndjson
    enforce first
}

ledger_pipe() {
    mkdir -p /Library/Logs/Holdfast
    mkfifo -m 644 /Library/Logs/Holdfast/compliance.ndjson
    enforce first
}

log_folder_read_only() {
    mkdir -p /Library/Logs/Holdfast
    mount --bind /Library/Logs/Holdfast /Library/Logs/Holdfast
    mount -o remount,ro,bind /Library/Logs/Holdfast
    enforce first
}

state_folder_read_only() {
    mkdir -p '/Library/Application Support/Holdfast'
    mount --bind '/Library/Application Support/Holdfast' '/Library/Application Support/Holdfast'
    mount -o remount,ro,bind '/Library/Application Support/Holdfast'
    enforce first
}

# A policy that was good, then is anybody's to write; then good again and another.
policy_spoilt() {
    enforce good
    if [[ $1 == mode ]]; then
        chmod 666 '/Library/Managed Preferences/org.holdfast.agent.plist'
    else
        chown 501 '/Library/Managed Preferences/org.holdfast.agent.plist'
    fi
    # What it says now must not count.
    sed -i s/enforce/off/g '/Library/Managed Preferences/org.holdfast.agent.plist'
    enforce first
    chmod 644 '/Library/Managed Preferences/org.holdfast.agent.plist'
    chown 0 '/Library/Managed Preferences/org.holdfast.agent.plist'
    enforce again
}

last_good() {
    create "$laptop" "$here/rig"
    judge policy "$here/rig/$policy" 2
    on "$laptop" "$here/rig" policy_spoilt "$1"
    local out=$here/rig/out
    judge states "$out/good.json" firewall_block_all=fixed
    judge states "$out/first.json" firewall_block_all=compliant
    expect 'policy' "$(judge value "$out/good.json" policy digest)" "$(judge value "$out/first.json" policy digest)"
    expect 'problems before' '[]' "$(judge value "$out/good.json" policy problems)"
    judge value "$out/first.json" policy problems >"$here/problems"
    says "$here/problems" 'the last good copy is used'
    says "$here/problems" "$2"
    expect 'problems on record' 1 "$(judge events "$here/rig/Library/Logs/Holdfast" policy_problem)"
    judge states "$out/again.json" firewall_block_all=off
    expect 'problems afterwards' '[]' "$(judge value "$out/again.json" policy problems)"
}

as_alice() {
    local status=0
    setpriv --reuid 501 --regid 20 --clear-groups holdfast enforce --level 3 >/dev/null 2>/private/sim/out/first.err || status=$?
    echo "$status" >/private/sim/out/first.status
}

not_root() {
    create "$laptop" "$here/rig"
    cp -a "$here/rig" "$here/before"
    on "$laptop" "$here/rig" as_alice
    expect 'exit status' 77 "$(cat "$here/rig/out/first.status")"
    says "$here/rig/out/first.err" 'must be run as root'
    judge same "$here/before" "$here/rig"
    [[ ! -e $here/rig/Library/Logs/Holdfast ]]
}

check 'a log folder that its group may write' prepared log_folder_for_groups /Library/Logs/Holdfast
check 'a log folder that is a user'\''s' prepared log_folder_of_alice /Library/Logs/Holdfast
check 'a log folder that is a link' prepared log_folder_link /Library/Logs/Holdfast
check 'a folder above that everybody may write' prepared folder_above_for_all '/Library/Application Support:'
check 'a ledger that is a link' linked
check 'a ledger that everybody may write' prepared ledger_for_all /Library/Logs/Holdfast/compliance.ndjson
check 'a ledger that is a pipe' prepared ledger_pipe /Library/Logs/Holdfast/compliance.ndjson
check 'a read-only log folder' prepared log_folder_read_only /Library/Logs/Holdfast
check 'a read-only state folder' prepared state_folder_read_only '/Library/Application Support/Holdfast'
check 'a policy that everybody may write' last_good mode 'mode 0666'
check 'a policy that is a user'\''s' last_good owner 'uid 501'
check 'somebody who is not root' not_root
