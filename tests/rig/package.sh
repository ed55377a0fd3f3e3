# shellcheck shell=bash disable=SC2016,SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# The package and its removal: scripts/build-pkg's package with this machine's build in it, put in by a stand-in for Installer,
# started by a stand-in for launchd. See the heads of installer.py and launchd.py for what these prove.

# packaged NAME VERSION PROGRAM: the package $work/NAME.pkg, made once.
packaged() {
    if [[ -e $work/$1.pkg ]]; then return; fi
    "$repo/scripts/build-pkg" --binary "$3" --version "$2" --out "$work/$1.pkg" >"$work/$1.said" 2>&1 || { cat "$work/$1.said"; exit 1; }
}

# A package with a small program in it, for what is refused before any program runs.
refused_package() {
    packaged small 1.0 "$(type -P true)"
    package=$work/small.pkg fresh "$@"
}

# fresh FUNCTION ARGUMENTS...: runs it inside the rig on a Mac that never had the agent.
fresh() {
    packaged holdfast 1.0 "$RIG_BIN/holdfast"
    [[ -e $here/rig/mac.json ]] || create "${on_mac:-hardened@arm-laptop-26}" "$here/rig"
    mkdir -p "$here/rig/out/tools"
    cp "${package:-$work/holdfast.pkg}" "$here/rig/out/holdfast.pkg"
    cp "$repo/scripts/uninstall.sh" "$here/rig/out/"
    cp "$repo/tests/rig/"{launchd,installer,tree,judge}.py "$here/rig/out/tools/"
    # Dozens of installations take their time on a busy machine.
    limit=600 on "${on_mac:-hardened@arm-laptop-26}" "$here/rig" bare "$@"
}

# Inside the rig: takes away what scripts/rig installed, puts up what a Mac has that this machine lacks, and runs the command.
bare() {
    local tools=/private/sim/out/tools folder
    umount /Library/Holdfast
    rmdir /Library/Holdfast
    mkdir -p /private/launchd /private/wrapped /private/var/log /private/var/db/receipts /private/etc/{paths.d,manpaths.d} /usr/sbin
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
    # It may be one of many names of one program.
    rm -f "$2"
    { echo "#!$(python3 -c 'import sys; print(sys.executable)') -IS" && tail -n +2 "$1"; } >"$2"
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

# Inside the rig: install_package NAME [VOLUME [COMMAND...]]: installs out/holdfast.pkg and keeps what was said and the status as out/NAME.{log,status}. The
# command is put in front.
install_package() {
    local name=$1 volume=${2-/}
    shift "$(($# < 2 ? $# : 2))"
    kept "$name" "$@" /usr/sbin/installer -pkg /private/sim/out/holdfast.pkg -target "$volume"
}

# Inside the rig: kept NAME COMMAND...: the same for any command.
kept() {
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

# Inside the rig: managed_policy OPTIONS...: the agent makes a profile of its policy, and macOS sets what is in it.
managed_policy() {
    /Library/Holdfast/bin/holdfast profile policy "$@" | python3 -c '
import os, plistlib, sys
profile = plistlib.loads(sys.stdin.buffer.read())
payload, = (one for one in profile["PayloadContent"] if one["PayloadType"] == "com.apple.ManagedClient.preferences")
(domain, content), = payload["PayloadContent"].items()
path = f"/Library/Managed Preferences/{domain}.plist"
with open(path + ".new", "wb") as file:
    plistlib.dump(content["Forced"][0]["mcx_preference_settings"], file)
os.chmod(path + ".new", 0o644)
os.rename(path + ".new", path)'
}

# Inside the rig: attribute NAME VALUE: the extension attribute says so, as soon as the state file has been written after the ledger.
attribute() {
    local tries=0
    until [[ $(/Library/Holdfast/bin/holdfast ea "$1") == "<result>$2</result>" || $tries -ge 200 ]]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    is "$1" "<result>$2</result>" "$(/Library/Holdfast/bin/holdfast ea "$1")"
}

# Installed, hardened by a policy, upgraded, removed: the whole life on one Mac.
whole_life() {
    local ledger=/Library/Logs/Holdfast/compliance.ndjson first second lines
    tree before
    install_package install
    went install 0 'no daemon is loaded' 'all files are in place' 'THERE IS NO POLICY ON THIS MAC' 'the daemon runs: process' \
        'the original Jamf Trust sign-out script is not on this Mac' 'The install was successful'
    first=$(daemons)
    is 'the daemon of launchd' "$first" "$(launched)"
    is 'receipts' org.holdfast.agent "$(/usr/sbin/pkgutil --pkgs)"
    until_ledger 1 '"event":"run_ended"'

    # A policy that only looks, then one that enforces.
    attribute compliance_state compliant
    managed_policy --set Controls.update_config_data.Mode=audit
    until_ledger 1 '"control":"update_config_data","state":"compliant","mode":"audit"'
    weaken
    until_ledger 1 '"control":"update_config_data","state":"drifted","mode":"audit"'
    until_ledger 3 '"event":"run_ended"'
    is 'times mended in audit mode' 0 "$(grep -c '"event":"fixed","control":"update_config_data"' "$ledger" || true)"
    attribute compliance_state drifted
    attribute failing_controls update_config_data
    managed_policy
    until_ledger 1 '"event":"fixed","control":"update_config_data"'
    until_ledger 4 '"event":"run_ended"'
    attribute compliance_state compliant
    attribute agent_health ok

    # A newer one over it, while it runs.
    is 'version of the receipt' 0.0.1 "$(/usr/sbin/pkgutil --pkg-info org.holdfast.agent | sed -n 's/^version: //p')"
    mv /private/sim/out/newer.pkg /private/sim/out/holdfast.pkg
    lines=$(wc -l <"$ledger")
    head -n "$lines" "$ledger" | sha256sum >/private/sim/out/ledger.sum
    install_package upgrade
    went upgrade 0 'ending the daemon that is loaded' 'the daemon has ended' \
        'policy: /Library/Managed Preferences/org.holdfast.agent.plist' 'the daemon runs: process'
    is 'version of the receipt' 1.0 "$(/usr/sbin/pkgutil --pkg-info org.holdfast.agent | sed -n 's/^version: //p')"
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
    kept removal /Library/Holdfast/uninstall.sh
    went removal 0
    is 'daemons' '' "$(daemons)"
    [[ ! -e /private/launchd/killed ]] || { echo 'the daemon had to be killed'; exit 1; }
    is 'receipts' '' "$(/usr/sbin/pkgutil --pkgs)"
    tree after
    unchanged before after /Library/Logs/Holdfast
    grep -q '"event":"fixed"' "$ledger"

    # Once more, with nothing there; and then without the log.
    kept again /private/sim/out/uninstall.sh
    went again 0 'Holdfast is removed from this Mac'
    tree again
    unchanged after again
    kept last /private/sim/out/uninstall.sh --remove-logs
    went last 0 'removed   /Library/Logs/Holdfast'
    tree last
    unchanged before last
}

life() {
    packaged holdfast 1.0 "$RIG_BIN/holdfast"
    packaged older 0.0.1 "$RIG_BIN/holdfast"
    create hardened@arm-laptop-26 "$here/rig"
    mkdir "$here/rig/out"
    cp "$work/holdfast.pkg" "$here/rig/out/newer.pkg"
    package=$work/older.pkg fresh whole_life
}

# The original sign-out script is reported at once, and taken over when policy says so.
original_met() {
    local list=/Library/LaunchDaemons/com.jamftrust.automateSignOut.plist replaced='/Library/Application Support/Holdfast/replaced'
    install_package install
    went install 0 'the original Jamf Trust sign-out script: policy decides' "$list present" 'The install was successful'
    until_ledger 1 '"event":"run_ended"'
    [[ -e $list && -e /Library/Scripts/jamfTrustSignOut.sh ]] || { echo 'it was touched without a word of policy'; exit 1; }
    managed_policy --set Controls.sign_out_original_script.Mode=enforce
    until_ledger 1 '"event":"fixed","control":"sign_out_original_script"'
    [[ ! -e $list && ! -e /Library/Scripts/jamfTrustSignOut.sh ]] || { echo 'it was not taken over'; exit 1; }
    kept removal /Library/Holdfast/uninstall.sh
    went removal 0 "$replaced" 'remove the profile in the MDM' 'Holdfast is removed from this Mac'
    is 'files kept' 2 "$(find "$replaced" -type f | wc -l)"
    is 'what is beside them' replaced "$(ls -A '/Library/Application Support/Holdfast')"
}

original() {
    on_mac=neglected@arm-laptop-26 fresh original_met
}

# A neglected Mac is hardened, and given back as it was.
hardened_and_restored() {
    cp /private/sim/mac.json /private/sim/out/before.json
    tree before
    install_package install
    went install 0 'the daemon runs: process'
    managed_policy --preset level-3 --set Controls.sign_out_original_script.Mode=enforce
    until_ledger 1 '"event":"fixed","control":"sign_out_original_script"'
    [[ $(grep -c '"event":"fixed"' /Library/Logs/Holdfast/compliance.ndjson) -ge 10 ]] || { echo 'hardly anything was changed'; exit 1; }
    rm '/Library/Managed Preferences/org.holdfast.agent.plist'
    kept removal /Library/Holdfast/uninstall.sh --restore --remove-logs
    went removal 0 'Holdfast is removed from this Mac'
    tree after
    unchanged before after
    cmp /private/sim/out/before.json /private/sim/mac.json
}

restored() {
    on_mac=neglected@arm-laptop-26 fresh hardened_and_restored
}

# A volume that is not started: files, modes and receipt; launchd and the agent are left alone.
volume_installed() {
    local volume='/Volumes/Other Mac' file
    mkdir -p "$volume"/{Library/LaunchDaemons,private/etc/{paths.d,manpaths.d},private/var/{log,db}}
    printf '#!/bin/bash\ntouch /private/sim/out/launchctl-called\n' >/bin/launchctl
    tree before
    install_package install "$volume"
    went install 0 'is not the running system: launchd is left alone' 'the daemon starts when that volume is booted'
    [[ ! -e /private/sim/out/launchctl-called ]] || { echo 'launchctl was started'; exit 1; }
    is 'daemons' '' "$(daemons)"
    tree after
    unchanged before after
    while IFS= read -r file; do
        is "owner of $file" 0:0 "$(stat -c %u:%g "$volume/$file")"
        [[ ! -d $volume/$file ]] || is "mode of $file" 755 "$(stat -c %a "$volume/$file")"
    done < <(/usr/sbin/pkgutil --volume "$volume" --files org.holdfast.agent)
    is 'the program' 755 "$(stat -c %a "$volume/Library/Holdfast/bin/holdfast")"
    is 'the job' 644 "$(stat -c %a "$volume/Library/LaunchDaemons/org.holdfast.agent.plist")"
}

volume() {
    fresh volume_installed
}

# Inside the rig: what the package brings, with its receipt, in no time: for what is about the removal alone.
lay() {
    python3 - <<'PY'
import sys
sys.path.insert(0, '/private/sim/out/tools')
import installer
package = installer.Package('/private/sim/out/holdfast.pkg')
for entry in package.payload[1:]:
    installer.place(entry, '/', package.overwrites)
installer.receipt(package, '/')
PY
}

# Inside the rig: the same, with the daemon at work.
lay_running() {
    lay
    /bin/launchctl bootstrap system /Library/LaunchDaemons/org.holdfast.agent.plist
    until_ledger 1 '"event":"run_ended"'
}

# Inside the rig: removes folders that the daemon may be writing to.
gone() {
    until rm -rf "$@" 2>/dev/null; do sleep 0.05; done
}

# Half of it is there before.
half_installed() {
    local spoil
    for spoil in 'rm -rf /Library/Holdfast' \
        'rm /Library/LaunchDaemons/org.holdfast.agent.plist' \
        'rm -rf /private/var/db/receipts/org.holdfast.agent.plist /Library/Holdfast/share' \
        'gone /Library/Application\ Support/Holdfast /Library/Logs/Holdfast' \
        '/bin/launchctl bootout system/org.holdfast.agent'; do
        lay_running
        eval "$spoil"
        install_package install
        went install 0 'the daemon runs: process' 'The install was successful'
        is "daemons after $spoil" "$(launched)" "$(daemons)"
        kept removal /private/sim/out/uninstall.sh --remove-logs
        went removal 0 'Holdfast is removed from this Mac'
    done
}

half() {
    fresh half_installed
}

# Half of it is gone before, in every way that it may be.
half_removed() {
    local spoil
    tree before
    for spoil in true 'rm /Library/Holdfast/bin/holdfast' 'rm /Library/LaunchDaemons/org.holdfast.agent.plist' \
        'rm -rf /Library/Holdfast' '/usr/sbin/pkgutil --forget org.holdfast.agent' \
        'gone /Library/Application\ Support/Holdfast' 'gone /Library/Logs/Holdfast' \
        'chmod 644 /Library/Holdfast/bin/holdfast' 'chown -R 501 /Library/Holdfast' 'chmod -R go+w /Library/Holdfast' \
        'printf "#!/bin/sh\nexit 9\n" >/Library/Holdfast/bin/new; chmod 755 /Library/Holdfast/bin/new; mv /Library/Holdfast/bin/new /Library/Holdfast/bin/holdfast' \
        '/bin/launchctl bootout system/org.holdfast.agent' 'touch /private/etc/paths.d/other'; do
        lay_running
        eval "$spoil" >/dev/null
        kept removal /private/sim/out/uninstall.sh --remove-logs
        went removal 0 'Holdfast is removed from this Mac'
        is "daemons after $spoil" '' "$(daemons)"
        [[ $spoil != 'touch '* ]] || rm /private/etc/paths.d/other
        tree after
        unchanged before after || { echo "after $spoil"; exit 1; }
    done
    # As Jamf Pro starts a script: with mount point, computer and user in front, and empty parameters behind.
    lay_running
    kept removal /private/sim/out/uninstall.sh / 'Mac of --restore' --keep-logs --remove-logs '' ''
    went removal 0 'removed   /Library/Logs/Holdfast'
    kept usage /private/sim/out/uninstall.sh --remove-log
    went usage 64 'usage: '
    kept usage /private/sim/out/uninstall.sh --remove-logs --keep-logs
    went usage 64 'exclude each other'
    kept user setpriv --reuid 501 --regid 20 --clear-groups /private/sim/out/uninstall.sh
    went user 77 'must be run as root'
}

removal() {
    fresh half_removed
}

# The daemon will not run with a folder that others may write: said in the installer's log, and mended without installing again.
distrust_told() {
    local tries=0
    chmod 777 /Library/Logs
    install_package install
    went install 0 'INSTALLED, BUT THE DAEMON DOES NOT STAY' 'not to be trusted: /Library/Logs: belongs to uid 0 with mode 0777' \
        'what holdfast doctor finds'
    chmod 755 /Library/Logs
    until [[ -n $(daemons) ]]; do
        tries=$((tries + 1))
        [[ $tries -lt 100 ]] || { echo 'launchd did not start it again'; exit 1; }
        sleep 0.2
    done
    until_ledger 1 '"event":"run_ended"'
    # The complaints are of the past then, and as many as there may be of them.
    head -c 2000000 /dev/zero >>/private/var/log/org.holdfast.agent.log
    kill -KILL "$(daemons)"
    until_ledger 2 '"event":"daemon_started"'
    is 'size of the complaints' 0 "$(stat -c %s /private/var/log/org.holdfast.agent.log)"
    verify verified
    is 'log verify' 0 "$(cat /private/sim/out/verified.status)"
}

distrust() {
    fresh distrust_told
}

# A daemon that is there and ends after a moment is none that runs.
dying_told() {
    install_package install
    went install 0 'INSTALLED, BUT THE DAEMON DOES NOT STAY' 'it ends here' 'doctor looks'
}

dying() {
    printf '#!/bin/bash\ncase $1 in\ndaemon) sleep 2; echo it ends here >&2; exit 1 ;;\n*) echo "$1 looks" ;;\nesac\n' >"$here/program"
    packaged dying 1.0 "$here/program"
    package=$work/dying.pkg fresh dying_told
}

# launchd has its own time, and may have been told not to.
launchd_slow() {
    local job=/Library/LaunchDaemons/org.holdfast.agent.plist
    echo 3 >/private/launchd/refusals
    touch /private/launchd/draining
    install_package install
    went install 0 'the daemon runs: process'
    /bin/launchctl disable system/org.holdfast.agent
    install_package upgrade
    went upgrade 0 'the daemon has ended' 'switching it on again' 'the daemon runs: process'
    # A daemon that hangs is killed.
    kill -STOP "$(daemons)"
    install_package hanging
    went hanging 0 'the daemon has ended' 'the daemon runs: process'
    [[ -e /private/launchd/killed ]] || { echo 'the daemon ended by itself, which it should not have'; exit 1; }
    echo 99 >/private/launchd/refusals
    install_package refused
    went refused 1 "launchd did not take $job, 10 times" 'The install failed'
    # As launchd does: a list that others may write is none.
    rm /private/launchd/refusals
    chmod 664 "$job"
    if /bin/launchctl bootstrap system "$job" 2>/dev/null; then echo 'it took a list that others may write'; exit 1; fi
}

slow() {
    fresh launchd_slow
}

# A program that is none fails the installation.
broken() {
    packaged broken 1.0 "$(type -P false)"
    package=$work/broken.pkg fresh install_package install
    expect 'exit status' 1 "$(cat "$here/rig/out/install.status")"
    says "$here/rig/out/install.log" 'does not run on this Mac'
}

check 'installed, governed by a profile, upgraded and removed: the Mac is as before, but for the log' life
check 'installed on a Mac with the original sign-out script: reported, and taken over when policy says so' original
check 'installed on a neglected Mac, and everything put back at the removal' restored
check 'installed on a volume that is not started' volume
check 'installed over half an installation' half
check 'removed when half of it is gone, and with wrong words' removal
check 'installed where the daemon will not run: said, and it starts once that is mended' distrust
check 'installed with a daemon that ends after a moment: said' dying
check 'installed while launchd is slow, told not to, or does not take the job' slow
check 'installed with a program that does not run' broken
