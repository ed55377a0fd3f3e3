# shellcheck shell=bash disable=SC2016,SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# The package and its removal: scripts/build-pkg's package with this machine's build in it, put in by a stand-in for Installer,
# started by a stand-in for launchd. See the heads of installer.py and launchd.py for what these prove.

# The package, made once.
packaged() {
    "$repo/scripts/build-pkg" --binary "$RIG_BIN/holdfast" --out "$work/holdfast.pkg"
}

# fresh FUNCTION ARGUMENTS...: runs it inside the rig on a Mac that never had the agent.
fresh() {
    [[ -e $work/holdfast.pkg ]] || { echo 'there is no package'; exit 1; }
    [[ -e $here/rig/mac.json ]] || create "${on_mac:-hardened@arm-laptop-26}" "$here/rig"
    mkdir -p "$here/rig/out/tools"
    cp "$work/holdfast.pkg" "$repo/scripts/uninstall.sh" "$here/rig/out/"
    cp "$repo/tests/rig/"{launchd,installer,tree,judge}.py "$here/rig/out/tools/"
    on "${on_mac:-hardened@arm-laptop-26}" "$here/rig" bare "$@"
}

# Inside the rig: takes away what scripts/rig installed, puts up what a Mac has that this machine lacks, and runs the command.
bare() {
    local tools=/private/sim/out/tools folder
    umount /Library/Holdfast
    rmdir /Library/Holdfast
    mkdir -p /private/launchd /private/wrapped /private/var/log /private/etc/{paths.d,manpaths.d} /usr/sbin
    for folder in LaunchDaemons Logs Preferences 'Managed Preferences' 'Application Support'; do
        mkdir -p "/Library/$folder"
    done
    find /Library /private/etc /private/var/log -type d -exec chmod 755 {} +
    echo 5 >/private/launchd/throttle
    echo $$ >/private/launchd/owner
    mv /bin/launchctl /private/wrapped/
    stand_in "$tools/launchd.py" /bin/launchctl
    stand_in "$tools/installer.py" /usr/sbin/installer
    stand_in "$tools/installer.py" /usr/sbin/pkgutil
    [[ -e /usr/sbin/chown ]] || ln -s /bin/chown /usr/sbin/chown
    # A Mac's /bin/sh is bash.
    ln -sf bash /bin/sh
    "$@"
}

# Inside the rig: stand_in FILE PROGRAM: the Python file is that program, whatever is in the environment.
stand_in() {
    { echo "#!$(python3 -c 'import sys; print(sys.executable)') -I" && tail -n +2 "$1"; } >"$2"
    chmod 755 "$2"
}

# Inside the rig: tree NAME records what is on the Mac.
tree() {
    python3 /private/sim/out/tools/tree.py take "/private/sim/out/$1.tree" /Library /Applications /private/etc /private/var
}

# Inside the rig: unchanged FROM TO [LEFT...]
unchanged() {
    local from=$1 to=$2
    shift 2
    python3 /private/sim/out/tools/tree.py compare "/private/sim/out/$from.tree" "/private/sim/out/$to.tree" "$@"
}

# Inside the rig: install NAME [VOLUME]: keeps what was said and the status as out/NAME.{log,status}.
install_package() {
    local status=0
    /usr/sbin/installer -pkg /private/sim/out/holdfast.pkg -target "${2-/}" >"/private/sim/out/$1.log" 2>&1 || status=$?
    echo "$status" >"/private/sim/out/$1.status"
}

# Inside the rig: uninstall NAME PROGRAM [OPTIONS...]: the same for a removal.
uninstall() {
    local name=$1 status=0
    shift
    "$@" >"/private/sim/out/$name.log" 2>&1 || status=$?
    echo "$status" >"/private/sim/out/$name.status"
}

# Inside the rig: went NAME STATUS TEXT...: it ended so, and said so.
went() {
    local name=$1 status=$2 text
    shift 2
    [[ $(cat "/private/sim/out/$name.status") == "$status" ]] ||
        { echo "$name: expected status $status, got $(cat "/private/sim/out/$name.status"):"; cat "/private/sim/out/$name.log"; exit 1; }
    for text in "$@"; do
        grep -qF -- "$text" "/private/sim/out/$name.log" || { echo "$name does not say \"$text\" but:"; cat "/private/sim/out/$name.log"; exit 1; }
    done
}

# Inside the rig: the processes of daemons on this Mac; other Macs of the same machine have other roots.
daemons() {
    local process
    for process in /proc/[0-9]*; do
        [[ $(stat -Lc %d:%i "$process/root" 2>/dev/null) == "$(stat -Lc %d:%i /)" ]] || continue
        [[ $(tr '\0' ' ' 2>/dev/null <"$process/cmdline") == '/Library/Holdfast/bin/holdfast daemon ' ]] && echo "${process##*/}"
    done
    return 0
}

# Inside the rig: what launchd says of the daemon's process.
launched() {
    /bin/launchctl print system/org.holdfast.agent 2>/dev/null | sed -n 's/^\tpid = //p'
}

# Inside the rig: is WHAT EXPECTED SEEN
is() {
    [[ $3 == "$2" ]] || { echo "$1: expected $2, got $3"; exit 1; }
}

# Inside the rig: the policy that an MDM sets, from standard input.
managed_policy() {
    local file='/Library/Managed Preferences/org.holdfast.agent.plist'
    cat >"$file.new"
    chmod 644 "$file.new"
    mv "$file.new" "$file"
}

# Installed, hardened by a policy, upgraded, removed: the whole life on one Mac.
whole_life() {
    local ledger=/Library/Logs/Holdfast/compliance.ndjson first second lines
    tree before
    install_package install
    went install 0 'no daemon is loaded' 'all files are in place' 'the daemon runs: process' \
        'the original Jamf Trust sign-out script is not on this Mac' 'The install was successful'
    first=$(daemons)
    is 'the daemon of launchd' "$first" "$(launched)"
    is 'receipts' org.holdfast.agent "$(/usr/sbin/pkgutil --pkgs)"
    until_ledger 1 '"event":"run_ended"'

    # A policy that only looks, then one that enforces.
    echo '<plist version="1.0"><dict><key>Controls</key><dict><key>update_config_data</key><dict><key>Mode</key><string>audit</string></dict></dict></dict></plist>' |
        managed_policy
    until_ledger 1 '"control":"update_config_data","state":"compliant","mode":"audit"'
    weaken
    until_ledger 1 '"control":"update_config_data","state":"drifted","mode":"audit"'
    is 'times mended in audit mode' 0 "$(grep -c '"event":"fixed","control":"update_config_data"' "$ledger" || true)"
    echo '<plist version="1.0"><dict><key>Level</key><integer>1</integer></dict></plist>' | managed_policy
    until_ledger 1 '"event":"fixed","control":"update_config_data"'

    # Over itself, while it runs.
    lines=$(wc -l <"$ledger")
    head -n "$lines" "$ledger" | sha256sum >/private/sim/out/ledger.sum
    install_package upgrade
    went upgrade 0 'ending the daemon that is loaded' 'the daemon has ended' 'the daemon runs: process'
    second=$(daemons)
    is 'the daemon of launchd' "$second" "$(launched)"
    [[ $first != "$second" ]] || { echo 'the old daemon still runs'; exit 1; }
    head -n "$lines" "$ledger" | sha256sum --status -c /private/sim/out/ledger.sum || { echo 'the ledger is another'; exit 1; }
    weaken
    until_ledger 2 '"event":"fixed","control":"update_config_data"'
    verify verified
    is 'log verify' 0 "$(cat /private/sim/out/verified.status)"
    is 'what the daemon complained of' '' "$(cat /private/var/log/org.holdfast.agent.log)"

    rm '/Library/Managed Preferences/org.holdfast.agent.plist'
    uninstall removal /Library/Holdfast/uninstall.sh
    went removal 0 'Holdfast is removed'
    is 'daemons' '' "$(daemons)"
    [[ ! -e /private/launchd/killed ]] || { echo 'the daemon had to be killed'; exit 1; }
    is 'receipts' '' "$(/usr/sbin/pkgutil --pkgs)"
    tree after
    unchanged before after /Library/Logs/Holdfast /private/var/db/receipts
    grep -q '"event":"fixed"' "$ledger"

    # Once more, with nothing there; and then without the log.
    uninstall again /private/sim/out/uninstall.sh
    went again 0 'Holdfast is removed'
    tree again
    unchanged after again
    uninstall last /private/sim/out/uninstall.sh --remove-logs
    went last 0 'removed /Library/Logs/Holdfast'
    tree last
    unchanged before last /private/var/db/receipts
}

life() {
    fresh whole_life
}

pattern='' check 'the package is built' packaged
check 'installed, governed by a profile, upgraded and removed: the Mac is as before, but for the log' life
