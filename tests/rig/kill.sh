# shellcheck shell=bash disable=SC2034,SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# The daemon killed at random moments, and the daemon beside other runs, with the production host.

# A policy that signs out after each start of the Mac, at once.
sign_out_policy() {
    cat <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Level</key><integer>3</integer>
<key>Contested</key><dict><key>Limit</key><integer>20</integer><key>FirstDelay</key><integer>1</integer></dict>
<key>SignOut</key><dict><key>AtBoot</key><true/><key>LoginDelay</key><integer>0</integer>
<key>MinimumGap</key><integer>0</integer><key>ConfirmWithin</key><integer>1</integer></dict>
</dict></plist>
XML
}

killed() {
    wrap /usr/bin/csrutil 'sleep 0.3'
    wrap /usr/bin/defaults 'sleep 0.2'
    wrap /usr/bin/open 'sleep 0.2'
    wrap /usr/sbin/scutil 'sleep 0.1'
    python3 /private/sim/out/lives.py "$1" "$2" /private/sim/out
    verify verified
    keep end
}

# RIG_SEED, a number, is the seed of the moments; else it is another one each time.
lives_end() {
    local seed=${RIG_SEED:-$RANDOM} out=$here/rig/out
    echo "RIG_SEED=$seed"
    create "neglected@arm-laptop-26" "$here/rig"
    mkdir -p "$out" "$here/rig/Library/Managed Preferences"
    cp "$repo/tests/rig/lives.py" "$out/"
    sign_out_policy >"$here/rig/$policy"
    on "neglected@arm-laptop-26" "$here/rig" killed "$seed" "$1"
    expect 'log verify' 0 "$(cat "$out/verified.status")"
    expect 'complaints' '' "$(cat "$out/daemon.err")"
    judge signed_out "$out/end/ledger" "$out/boots.json" "$here/rig/Library/Logs/JamfTrustSignOut.log"
}

# A pass by hand while the daemon is at one, and a pass of the daemon's while one by hand is at work.
daemon_and_enforce() {
    local status=0 second=()
    wrap /usr/bin/defaults 'sleep 0.3'
    leave_nothing
    holdfast daemon >/private/sim/out/daemon.out 2>/private/sim/out/daemon.err &
    job=$!
    until_ledger 1 '"event":"intends"'
    enforce second
    until_ledger 2 '"event":"run_ended"'
    weaken
    enforce third &
    second=("$!")
    until_ledger 2 '"command":"enforce"'
    touch "$update"
    wait "${second[0]}" || status=$?
    weaken
    until_ledger 4 '"event":"run_started"'
    until_ledger 4 '"event":"run_ended"'
    status=0
    holdfast daemon >>/private/sim/out/two 2>&1 || status=$?
    echo "$status" >>/private/sim/out/two
    end_daemon TERM
    verify verified
    keep end
}

beside() {
    local out=$here/rig/out
    create "$laptop" "$here/rig"
    mkdir -p "$here/rig/Library/Managed Preferences"
    sign_out_policy >"$here/rig/$policy"
    on "$laptop" "$here/rig" daemon_and_enforce
    ended_well "$here/rig"
    expect 'complaints of the daemon' '' "$(cat "$out/daemon.err")"
    says "$out/second.err" 'another run holds the ledger'
    expect 'fixed by the second' 0 "$(judge count "$out/second.json" fixed)"
    expect 'exit statuses' '2 2' "$(cat "$out/second.status" "$out/third.status" | paste -sd ' ')"
    expect 'ends of runs' "$(judge events "$out/end/ledger" run_started)" "$(judge events "$out/end/ledger" run_ended)"
    says "$out/two" 'another daemon runs (process '
    expect 'exit status of another daemon' 1 "$(tail -n 1 "$out/two")"
}

# One start of the Mac after the other, with the daemon told to stop between them.
daemon_signs_out() {
    daemon
    end_daemon TERM
    python3 /private/sim/out/judge.py edit /private/sim 'mac["hardware"]["boot_session"] = mac["hardware"]["boot_session"][:-1] + "A"'
    daemon
    until_ledger 1 '"event":"sign_out","stage":"confirmed"'
    end_daemon TERM
    verify verified
}

# Somebody whose names look like something else is at the screen.
odd_names() {
    local out=$here/rig/out
    create "hardened@arm-laptop-26" "$here/rig"
    mkdir -p "$out" "$here/rig/Library/Managed Preferences"
    cp "$repo/tests/rig/judge.py" "$out/"
    # shellcheck disable=SC2016 # a text that must not be run
    judge edit "$here/rig" '
for user in mac["users"]:
    if user["name"] == "alice":
        user.update(name="o\u0027brien", home="/Users/o\u0027brien", full_name="Ada \"Q\" $(id)\n502 /sbin/launchd\n\u0027; rm -rf /")
mac["console_user"] = "o\u0027brien"
mac["jamf_trust"]["running"] = ["o\u0027brien"]'
    sign_out_policy >"$here/rig/$policy"
    on "hardened@arm-laptop-26" "$here/rig" daemon_signs_out
    ended_well "$here/rig"
    expect 'complaints' '' "$(cat "$out/daemon.err")"
    expect 'delivered to' "[\"o'brien\"]" "$(judge value "$here/rig/mac.json" jamf_trust delivered)"
    expect 'lines of the log' 1 "$(wc -l <"$here/rig/Library/Logs/JamfTrustSignOut.log")"
}

check 'the daemon killed at any moment leaves the truth and no tool behind' lives_end 25
check 'the daemon, a pass by hand and another daemon at once' beside
check 'the daemon and somebody with odd names' odd_names
