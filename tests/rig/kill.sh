# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# The daemon killed at random moments, and the daemon beside other runs, with the production host.

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
    cat >"$here/rig/$policy" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Level</key><integer>3</integer>
<key>Contested</key><dict><key>Limit</key><integer>20</integer><key>FirstDelay</key><integer>1</integer></dict>
<key>SignOut</key><dict><key>AtBoot</key><true/><key>LoginDelay</key><integer>0</integer>
<key>MinimumGap</key><integer>0</integer><key>ConfirmWithin</key><integer>1</integer></dict>
</dict></plist>
XML
    on "neglected@arm-laptop-26" "$here/rig" killed "$seed" "$1"
    expect 'log verify' 0 "$(cat "$out/verified.status")"
    expect 'complaints' '' "$(cat "$out/daemon.err")"
    judge signed_out "$out/end/ledger" "$out/boots.json" "$here/rig/Library/Logs/JamfTrustSignOut.log"
}

check 'the daemon killed at any moment leaves the truth and no tool behind' lives_end 25
