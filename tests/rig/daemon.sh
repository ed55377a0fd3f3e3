# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# The daemon with the production host: real tools, real files, real file events, real signals.

# Inside the rig: whatever runs in the background ends with this shell, however that ends.
leave_nothing() {
    # shellcheck disable=SC2046 # each is a word of its own
    trap 'kill -KILL $(jobs -p) 2>/dev/null || true' EXIT
}

# Inside the rig: starts the daemon and waits for its first pass.
daemon() {
    leave_nothing
    holdfast daemon >/private/sim/out/daemon.out 2>/private/sim/out/daemon.err &
    job=$!
    until_ledger 1 '"event":"run_ended"'
}

# Inside the rig: until_ledger COUNT TEXT: waits until so many lines of the ledger have the text.
until_ledger() {
    local ledger=/Library/Logs/Holdfast/compliance.ndjson tries=0
    until [[ $(grep -c -- "$2" "$ledger" 2>/dev/null || true) -ge $1 ]]; do
        tries=$((tries + 1))
        [[ $tries -lt 600 ]] || { echo "no $2 in the ledger" >&2; tail -n 3 "$ledger" >&2; exit 1; }
        sleep 0.1
    done
}

# Inside the rig: somebody sets the setting back, by hand.
weaken() {
    python3 - "$update" <<'PY'
import os, plistlib, sys
path = sys.argv[1]
with open(path, 'rb') as file:
    content = plistlib.load(file)
content['ConfigDataInstall'] = False
with open(path + '.new', 'wb') as file:
    plistlib.dump(content, file)
os.rename(path + '.new', path)
PY
}

# Inside the rig: ends the daemon with a signal; its status, and the milliseconds that it took.
end_daemon() {
    local began status=0
    began=$(date +%s%N)
    kill "-$1" "$job"
    wait "$job" || status=$?
    echo $((($(date +%s%N) - began) / 1000000)) >/private/sim/out/took
    echo "$status" >/private/sim/out/daemon.status
}

# The daemon ended well, in time, and said nothing.
ended_well() {
    local out=$1/out took
    expect 'exit status' 0 "$(cat "$out/daemon.status")"
    took=$(cat "$out/took")
    [[ $took -lt 10000 ]] || { echo "took $took ms to end"; exit 1; }
    expect 'log verify' 0 "$(cat "$out/verified.status")"
    calm "$out/daemon.err"
}

daemon_mends() {
    local began
    daemon
    began=$(date +%s%N)
    weaken
    until_ledger 1 '"event":"fixed","control":"update_config_data"'
    echo $((($(date +%s%N) - began) / 1000000)) >/private/sim/out/mended
    end_daemon TERM
    verify verified
    keep end
}

mends() {
    on "hardened@arm-laptop-26" "$here/rig" daemon_mends
    ended_well "$here/rig"
    expect 'complaints' '' "$(cat "$here/rig/out/daemon.err")"
    expect 'stops on record' 1 "$(judge events "$here/rig/out/end/ledger" daemon_stopped)"
    echo "$(cat "$here/rig/out/mended") ms from the write to its line, $(cat "$here/rig/out/took") ms to the end"
}

daemon_hangs() {
    daemon
    wrap /usr/bin/profiles 'echo $$ >/private/sim/out/tool; exec sleep 300'
    cp /dev/null '/Library/Managed Preferences/org.holdfast.agent.plist'
    until [[ -s /private/sim/out/tool ]]; do
        kill -0 "$job"
        sleep 0.05
    done
    end_daemon TERM
    sleep 0.5
    if grep -Esq '^State:[[:space:]]+[^ZX[:space:]]' "/proc/$(cat /private/sim/out/tool)/status"; then
        echo 'the tool is still there' >/private/sim/out/left
    fi
    verify verified
}

hangs() {
    create "hardened@arm-laptop-26" "$here/rig"
    judge policy "$here/rig/$policy" 1
    on "hardened@arm-laptop-26" "$here/rig" daemon_hangs
    ended_well "$here/rig"
    [[ ! -e $here/rig/out/left ]] || { cat "$here/rig/out/left"; exit 1; }
    echo "$(cat "$here/rig/out/took") ms after the signal"
}

daemon_stalls() {
    daemon
    kill -STOP "$job"
    sleep 93
    weaken
    sleep 2
    kill -CONT "$job"
    until_ledger 1 '"event":"gap"'
    until_ledger 1 '"event":"fixed","control":"update_config_data"'
    end_daemon INT
    verify verified
    keep end
}

stalls() {
    on "hardened@arm-laptop-26" "$here/rig" daemon_stalls
    ended_well "$here/rig"
    says "$here/rig/out/end/ledger/compliance.ndjson" '"why":"stalled"'
}

# Somebody sets the setting back every 2 s, for long after the agent has left it: what is done about it stays bounded.
daemon_is_contested() {
    local began rival lines
    daemon
    while true; do
        weaken
        sleep 2
    done &
    rival=$!
    until_ledger 1 '"event":"contested","control":"update_config_data"'
    lines=$(wc -l </Library/Logs/Holdfast/compliance.ndjson)
    began=$(cut -d' ' -f14-17 "/proc/$job/stat")
    sleep 30
    echo "$(($(wc -l </Library/Logs/Holdfast/compliance.ndjson) - lines)) lines; ticks $began and then" \
        "$(cut -d' ' -f14-17 "/proc/$job/stat")" >/private/sim/out/after
    kill "$rival"
    holdfast status >/private/sim/out/status || true
    end_daemon TERM
    verify verified
    keep end
}

contested() {
    local out=$here/rig/out ledger=$here/rig/out/end/ledger/compliance.ndjson lines
    create "hardened@arm-laptop-26" "$here/rig"
    mkdir -p "$here/rig/Library/Managed Preferences"
    cat >"$here/rig/$policy" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>Contested</key><dict><key>FirstDelay</key><integer>1</integer></dict></dict></plist>
XML
    on "hardened@arm-laptop-26" "$here/rig" daemon_is_contested
    ended_well "$here/rig"
    expect 'times mended' 5 "$(grep -c '"event":"fixed","control":"update_config_data"' "$ledger")"
    expect 'times announced' 5 "$(grep -c '"event":"intends","control":"update_config_data"' "$ledger")"
    expect 'times contested' 1 "$(grep -c '"event":"contested"' "$ledger")"
    says "$out/status" contested
    lines=$(cut -d' ' -f1 "$out/after")
    [[ $lines -lt 10 ]] || { echo "$lines lines in the 30 s after it was left"; exit 1; }
    cat "$out/after"
}

daemon_without_ledger() {
    daemon
    mount --bind /Library/Logs/Holdfast /Library/Logs/Holdfast
    mount -o remount,ro,bind /Library/Logs/Holdfast
    weaken
    sleep 5
    cp "$update" /private/sim/out/meanwhile.plist
    mount -o remount,rw,bind /Library/Logs/Holdfast
    until_ledger 1 '"event":"fixed","control":"update_config_data"'
    end_daemon TERM
    verify verified
}

without_ledger() {
    on "hardened@arm-laptop-26" "$here/rig" daemon_without_ledger
    ended_well "$here/rig"
    says "$here/rig/out/daemon.err" /Library/Logs/Holdfast
    python3 - "$here/rig/out/meanwhile.plist" <<'PY'
import plistlib, sys
with open(sys.argv[1], 'rb') as file:
    assert plistlib.load(file)['ConfigDataInstall'] is False, 'changed without a ledger'
PY
}

# Spoils each place in turn; the daemon must name it and not run, and doctor must name it too.
daemon_distrusts() {
    local place status
    mkdir -p '/Library/Managed Preferences' /Library/Logs/Holdfast '/Library/Application Support/Holdfast'
    touch '/Library/Managed Preferences/org.holdfast.agent.plist'
    for place in / /Library /Library/Holdfast /Library/Holdfast/bin /Library/Holdfast/bin/holdfast /Library/Logs \
        /Library/Logs/Holdfast '/Library/Application Support' '/Library/Application Support/Holdfast' \
        /Library/Preferences '/Library/Managed Preferences' '/Library/Managed Preferences/org.holdfast.agent.plist'; do
        for how in 'chmod 777' 'chown 501'; do
            mode=$(stat -c %a "$place")
            $how "$place"
            status=0
            timeout 20 holdfast daemon >/private/sim/out/daemon.out 2>/private/sim/out/daemon.err || status=$?
            [[ $status -eq 1 ]] || { echo "$how $place: status $status"; exit 1; }
            grep -qF "not to be trusted: $place: belongs to uid" /private/sim/out/daemon.err ||
                { echo "$how $place:"; cat /private/sim/out/daemon.err; exit 1; }
            holdfast doctor >/private/sim/out/doctor.out || true
            tr -s ' \n' ' ' </private/sim/out/doctor.out | grep -qF "$place: belongs to uid" ||
                { echo "$how $place:"; cat /private/sim/out/doctor.out; exit 1; }
            chown 0 "$place"
            chmod "$mode" "$place"
        done
    done
    [[ ! -e /Library/Logs/Holdfast/compliance.ndjson ]] || { echo 'it wrote'; exit 1; }
}

distrusts() {
    on "hardened@arm-laptop-26" "$here/rig" daemon_distrusts
}

check 'the daemon mends what is edited by hand' mends
check 'the daemon ends in time while a tool hangs' hangs
check 'the daemon changes nothing without a ledger, and goes on with it' without_ledger
check 'the daemon trusts nothing that others could exchange' distrusts
check 'the daemon tells that it was held up' stalls
check 'the daemon leaves a setting contested that a rival sets back every 2 s, and does little more' contested
