# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# What was hardened is given back: by the production host, and as the Mac's own tools tell it.

# Inside the rig: answer NAME ARGUMENTS... keeps what holdfast says as out/NAME.{json,err,status}.
answer() {
    local name=$1 status=0
    shift
    holdfast "$@" --json >"/private/sim/out/$name.json" 2>"/private/sim/out/$name.err" || status=$?
    echo "$status" >"/private/sim/out/$name.status"
}

# Inside the rig: harden_and_give_back PRESET
harden_and_give_back() {
    keep before
    answer checked check --level 3
    answer enforced enforce --preset "$1"
    keep hardened
    answer dry restore --all --dry-run
    keep dry
    answer restored restore --all
    keep after
    answer looked check --level 3
    verify verified
}

# given_back MAC PRESET
given_back() {
    local out=$here/rig/out
    on "neglected@$1" "$here/rig" harden_and_give_back "$2"
    calm "$out"/*.err
    expect 'exit status of enforce' 2 "$(cat "$out/enforced.status")"
    expect 'exit status of the dry run' 0 "$(cat "$out/dry.status")"
    expect 'exit status of restore' 0 "$(cat "$out/restored.status")"
    expect 'log verify' 0 "$(cat "$out/verified.status")"
    judge differ "$out/before" "$out/hardened"
    judge same "$out/hardened" "$out/dry"
    diff -r "$out/hardened/ledger" "$out/dry/ledger"
    judge same "$out/before" "$out/after"
    judge seen "$out/checked.json" "$out/looked.json"
    judge became "$out/dry.json" would_put_back
    judge became "$out/restored.json" put_back
}

# Inside the rig: somebody sets another idle time than the agent, and than there was before.
harden_and_meddle() {
    keep before
    answer enforced enforce --preset level-3
    /usr/bin/defaults write "$idle" loginWindowIdleTime -int 300
    answer restored restore --all
    /usr/bin/defaults read "$idle" loginWindowIdleTime >/private/sim/out/theirs
    keep left
    answer forced restore --all --force
    keep after
}

changed_since() {
    local out=$here/rig/out
    export idle=/Library/Preferences/com.apple.screensaver
    on "$laptop" "$here/rig" harden_and_meddle
    calm "$out"/*.err
    expect 'exit status of restore' 2 "$(cat "$out/restored.status")"
    judge became "$out/restored.json" put_back screen_lock_login_window_idle=changed_since
    says "$out/restored.json" 'somebody else has changed it since the agent did'
    expect 'what somebody has set' 300 "$(cat "$out/theirs")"
    judge differ "$out/before" "$out/left"
    expect 'exit status of restore --force' 0 "$(cat "$out/forced.status")"
    judge became "$out/forced.json" put_back
    judge same "$out/before" "$out/after"
}

# Inside the rig: what two controls have set is left to the one that needs it so.
harden_and_nap() {
    answer enforced enforce --level 3
    keep hardened
    answer napped restore --control power_nap
    keep napped
    answer restored restore --control filevault_key_destroyed_on_standby
    /usr/bin/pmset -g custom >/private/sim/out/pmset
}

shared() {
    local out=$here/rig/out
    create neglected@intel-laptop-14 "$here/rig"
    judge policy "$here/rig/$policy"
    on neglected@intel-laptop-14 "$here/rig" harden_and_nap
    calm "$out"/*.err
    expect 'exit status for power_nap' 2 "$(cat "$out/napped.status")"
    judge became "$out/napped.json" held_by_another
    says "$out/napped.json" filevault_key_destroyed_on_standby
    judge same "$out/hardened" "$out/napped"
    expect 'exit status for the set' 0 "$(cat "$out/restored.status")"
    expect 'sources with Power Nap on' 2 "$(grep -Ec '^ powernap +1$' "$out/pmset")"
    expect 'held' '["filevault_key_destroyed_on_standby", "power_nap"]' "$(judge value "$out/restored.json" held)"
}

for mac in "${macs[@]}"; do
    check "neglected@$mac is given back as it was after cis-level-2" given_back "$mac" cis-level-2
done
for preset in cis-level-1 level-3; do
    check "neglected@arm-laptop-26 is given back as it was after $preset" given_back arm-laptop-26 "$preset"
done
check 'given back: what somebody else has changed since is skipped and named' changed_since
check 'given back: what another control needs so is left and that one named' shared
