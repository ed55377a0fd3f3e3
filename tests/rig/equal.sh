# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# The production host does what the in-process run does.

enforced() {
    enforce "$@"
}

# On MAC with every control enforced, the disruptive ones too.
as_in_process() {
    local mac=$1 status=0
    create "neglected@$mac" "$here/rig"
    create "neglected@$mac" "$here/process"
    judge policy "$here/rig/$policy"
    judge policy "$here/process/$policy"
    cp -a "$here/rig" "$here/before"
    "$RIG_BIN/holdfast" enforce --level 3 --json --sim-dir "$here/process" >"$here/process.json" || status=$?
    expect 'exit status in process' 2 "$status"
    on "neglected@$mac" "$here/rig" enforced first
    expect 'exit status under the rig' 2 "$(cat "$here/rig/out/first.status")"
    judge differ "$here/before" "$here/rig"
    judge same "$here/process" "$here/rig"
    judge reports "$here/process.json" "$here/rig/out/first.json"
    [[ ! -s $here/rig/out/first.err ]] || { cat "$here/rig/out/first.err"; exit 1; }
    expect 'firewall_block_all' true "$(judge value "$here/rig/mac.json" firewall block_all)"
    if [[ $mac == intel-laptop-14 ]]; then
        judge states "$here/rig/out/first.json" filevault_key_destroyed_on_standby=fixed
        expect 'destroyfvkeyonstandby' 1 "$(judge value "$here/rig/mac.json" power destroy_key_on_standby)"
        local source key
        for source in 0 1; do
            expect 'hibernatemode' 25 "$(judge value "$here/rig/mac.json" power sources "$source" settings hibernatemode)"
            for key in powernap standby autopoweroff; do
                expect "$key" 0 "$(judge value "$here/rig/mac.json" power sources "$source" settings "$key")"
            done
        done
    fi

    cp "$here/rig/mac.json" "$here/mended.json"
    cp -a "$here/rig" "$here/mended"
    local before
    before=$(judge intends "$here/rig/Library/Logs/Holdfast")
    [[ $before -gt 0 ]]
    on "neglected@$mac" "$here/rig" enforced second
    expect 'exit status of the second run' 2 "$(cat "$here/rig/out/second.status")"
    cmp "$here/mended.json" "$here/rig/mac.json"
    judge same "$here/mended" "$here/rig"
    expect 'intends lines after the second run' "$before" "$(judge intends "$here/rig/Library/Logs/Holdfast")"
    expect 'runs on record' 2 "$(judge events "$here/rig/Library/Logs/Holdfast" run_ended)"
    expect 'fixed in the second run' 0 "$(judge count "$here/rig/out/second.json" fixed)"
    echo "$before changes"
}

hardened() {
    local mac=$1
    create "hardened@$mac" "$here/rig"
    cp -a "$here/rig" "$here/before"
    on "hardened@$mac" "$here/rig" enforced first
    expect 'exit status' 0 "$(cat "$here/rig/out/first.status")"
    cmp "$here/before/mac.json" "$here/rig/mac.json"
    judge same "$here/before" "$here/rig"
    expect 'intends lines' 0 "$(judge intends "$here/rig/Library/Logs/Holdfast")"
    [[ $(judge count "$here/rig/out/first.json" compliant) -gt 15 ]]
}

for mac in "${macs[@]}"; do
    check "neglected@$mac is mended as in process, and only once" as_in_process "$mac"
done
for mac in "${macs[@]}"; do
    check "hardened@$mac holds and stays as it is" hardened "$mac"
done
