# shellcheck shell=bash disable=SC2016,SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# What somebody without root may have prepared for whoever installs or removes the package: links, folders that are not
# root's, an environment. Uses the functions of package.sh.

# Inside the rig: every path that the installer writes to, with the folders on the way, below no volume.
written() {
    python3 - <<'PY'
import os, sys
sys.path.insert(0, '/private/sim/out/tools')
import installer
paths = {entry[0][1:] for entry in installer.Package('/private/sim/out/holdfast.pkg').payload} - {''}
paths |= {'/private/var', '/private/var/log', '/private/var/log/org.holdfast.agent.log'}
print(*sorted(paths), sep='\n')
PY
}

# Inside the rig: a volume as a Mac's is before the package comes, at $1; nothing of an earlier one is left.
volume_at() {
    rm -rf "$1"
    mkdir -p "$1"/{Library/LaunchDaemons,private/etc/{paths.d,manpaths.d},private/var/{log,db/receipts}}
}

# Inside the rig: a link in the place of each path: the installation is refused, and nothing is where the link leads.
links_planted() {
    local volume=/Volumes/Other elsewhere=/private/sim/out/elsewhere place count=0
    while IFS= read -r place; do
        for target in file folder nothing; do
            volume_at "$volume"
            rm -rf "$elsewhere" "${volume:?}$place"
            mkdir -p "$elsewhere/folder" "$(dirname "$volume$place")"
            echo precious >"$elsewhere/file"
            ln -s "$elsewhere/$target" "$volume$place"
            python3 /private/sim/out/tools/tree.py take /private/sim/out/before.tree "$elsewhere" "$volume"
            install_package refused "$volume"
            went refused 1 "refused: $volume$place is a symbolic link" 'nothing was installed'
            python3 /private/sim/out/tools/tree.py take /private/sim/out/after.tree "$elsewhere" "$volume"
            unchanged before after
            count=$((count + 1))
        done
    done < <(written)
    [[ $count -ge 90 ]] || { echo "only $count links were tried"; exit 1; }
    echo "$count links"
}

links() {
    refused_package links_planted
}

# Inside the rig: each path is somebody's who is not root, or for others to write.
spoilt() {
    local volume=/Volumes/Other place how count=0
    volume_at /Volumes/whole
    install_package whole /Volumes/whole
    went whole 0
    while IFS= read -r place; do
        for how in 'chmod g+w' 'chmod o+w' 'chown 501'; do
            rm -rf "$volume"
            cp -a /Volumes/whole "$volume"
            touch "$volume/private/var/log/org.holdfast.agent.log"
            [[ -e $volume$place ]] || { echo "$place is not there"; exit 1; }
            $how "$volume$place"
            python3 /private/sim/out/tools/tree.py take /private/sim/out/before.tree "$volume"
            install_package refused "$volume"
            went refused 1 'refused: expected a' " $volume$place" 'nothing was installed'
            python3 /private/sim/out/tools/tree.py take /private/sim/out/after.tree "$volume"
            unchanged before after
            count=$((count + 1))
        done
    done < <(written)
    [[ $count -ge 90 ]] || { echo "only $count were tried"; exit 1; }
    echo "$count refusals"
}

owners() {
    refused_package spoilt
}

# Inside the rig: on the running system, where a refusal leaves the daemon that runs as it is.
running_system() {
    local place pid
    lay_running
    pid=$(daemons)
    for place in / /Library /Library/Holdfast /Library/Holdfast/bin/holdfast /private/etc/paths.d; do
        chmod o+w "$place"
        install_package refused
        went refused 1 'refused: expected a' " $place" 'nothing was installed'
        chmod o-w "$place"
        is 'the daemon' "$pid" "$(daemons)"
    done
    install_package install
    went install 0
}

running() {
    fresh running_system
}

# Inside the rig: links in the place of everything that is removed: they go themselves, and what they lead to stays. It is
# done by the agent, or by the script alone.
links_removed() {
    local elsewhere=/private/sim/out/elsewhere place target count=0 agent=$1
    tree before
    for place in /Library/Holdfast /Library/Holdfast/bin /Library/Holdfast/bin/holdfast /Library/Holdfast/share/man \
        /Library/Holdfast/uninstall.sh /Library/LaunchDaemons/org.holdfast.agent.plist /private/etc/paths.d/holdfast \
        /private/etc/manpaths.d/holdfast /Library/Preferences/org.holdfast.agent.plist /private/var/log/org.holdfast.agent.log \
        '/Library/Application Support/Holdfast' '/Library/Application Support/Holdfast/status.plist' \
        '/Library/Application Support/Holdfast/replaced' /Library/Logs/Holdfast /Library/Logs/Holdfast/compliance.ndjson \
        /Library/Logs/JamfTrustSignOut.log /Library/Logs/JamfTrustSignOut.log.1; do
        for target in file folder nothing; do
            lay
            mkdir -p '/Library/Application Support/Holdfast/replaced' /Library/Logs/Holdfast
            touch '/Library/Application Support/Holdfast/status.plist' /Library/Logs/Holdfast/compliance.ndjson
            [[ $agent == agent ]] || rm /Library/Holdfast/bin/holdfast
            rm -rf "$elsewhere" "$place"
            mkdir -p "$elsewhere/folder/bin" "$elsewhere/folder/replaced"
            echo precious >"$elsewhere/file"
            printf '#!/bin/sh\ntouch /private/sim/out/executed\n' >"$elsewhere/folder/bin/holdfast"
            chmod 755 "$elsewhere/folder/bin/holdfast"
            cp "$elsewhere/folder/bin/holdfast" "$elsewhere/folder/holdfast"
            ln -s "$elsewhere/$target" "$place"
            python3 /private/sim/out/tools/tree.py take /private/sim/out/precious.tree "$elsewhere"
            kept removal /private/sim/out/uninstall.sh --remove-logs
            [[ ! -e /private/sim/out/executed ]] || { echo "$place: what it leads to was started"; exit 1; }
            [[ ! -L $place ]] || { echo "$place: the link is still there"; cat /private/sim/out/removal.log; exit 1; }
            python3 /private/sim/out/tools/tree.py take /private/sim/out/still.tree "$elsewhere"
            unchanged precious still || { echo "$place was followed"; exit 1; }
            kept again /private/sim/out/uninstall.sh --remove-logs
            went again 0
            count=$((count + 1))
        done
    done
    tree after
    unchanged before after
    echo "$count links"
}

links_in_removal() {
    fresh links_removed "$1"
}

# Inside the rig: folders of the system that others may write: whatever lies there could be anything, so nothing is removed,
# with the agent and without it.
removal_refused() {
    local folder file pid program=/Library/Holdfast/bin/holdfast
    lay_running
    for file in "$program" /private/sim/out/program; do
        pid=$(daemons)
        for folder in / /Library /Library/LaunchDaemons /Library/Logs /Library/Preferences '/Library/Application Support' /private \
            /private/etc /private/etc/paths.d /private/etc/manpaths.d /private/var /private/var/log; do
            chmod o+w "$folder"
            kept removal /private/sim/out/uninstall.sh --remove-logs
            went removal 1 'refused: expected a folder' " $folder" 'nothing was removed'
            chmod o-w "$folder"
            is 'the daemon' "$pid" "$(daemons)"
            [[ -e /Library/LaunchDaemons/org.holdfast.agent.plist && -e /Library/Logs/Holdfast/compliance.ndjson ]]
        done
        mv "$program" /private/sim/out/program 2>/dev/null || true
    done
    # A link in the place of one.
    mv /private/etc/paths.d /private/etc/elsewhere
    ln -s elsewhere /private/etc/paths.d
    kept removal /private/sim/out/uninstall.sh --remove-logs
    went removal 1 'refused: expected a folder' /private/etc/paths.d
    [[ -e /private/etc/elsewhere/holdfast ]]
}

unsafe_removal() {
    fresh removal_refused
}

# Inside the rig: an environment in which everything that can be put in a program's way is, under each shell that may be a
# Mac's /bin/sh. Nothing of it may be executed, and no file can be made where TMPDIR says.
hostile() {
    local evil=/private/evil name shell functions=()
    mkdir -p "$evil/bin" "$evil/home" "$evil/tmp" /private/sim/out/executed
    mount -t tmpfs -o nr_inodes=1 rig "$evil/tmp"
    for name in holdfast sh bash zsh env find ls rm rmdir chown chmod sed grep tail sleep id printf echo test '[' kill cat mv stat \
        launchctl pkgutil installer mktemp; do
        printf '#!/bin/bash -p\n/usr/bin/touch "/private/sim/out/executed/program %s"\nexit 0\n' "$name" >"$evil/bin/$name"
        chmod 755 "$evil/bin/$name"
        functions+=("BASH_FUNC_$name%%=() { /usr/bin/touch '/private/sim/out/executed/function $name'; }")
    done
    for name in profile .profile .zshenv .bashrc .zprofile; do
        echo "/usr/bin/touch '/private/sim/out/executed/$name'" >"$evil/home/$name"
    done
    surrounded() {
        /usr/bin/env "PATH=$evil/bin" "TMPDIR=$evil/tmp" "ENV=$evil/home/profile" "BASH_ENV=$evil/home/profile" \
            "ZDOTDIR=$evil/home" "HOME=$evil/home" "CDPATH=$evil" IFS=/ "GLOBIGNORE=*" "${functions[@]}" "$@"
    }
    for shell in bash dash zsh; do
        ln -sf "$(PATH=/usr/bin:/bin type -P "$shell")" /bin/sh
        install_package "$shell" / surrounded
        went "$shell" 0 'the daemon runs: process' 'The install was successful'
        kept removal surrounded /Library/Holdfast/uninstall.sh --remove-logs
        went removal 0 'Holdfast is removed from this Mac'
        ln -sf bash /bin/sh
        [[ -z $(ls -A /private/sim/out/executed) ]] || { echo "$shell:"; ls /private/sim/out/executed; exit 1; }
    done
}

environment() {
    fresh hostile
}

check 'a link wherever the package is installed: refused' links
check 'a place of somebody else wherever the package is installed: refused' owners
check 'a refused installation leaves the daemon that runs as it is' running
check 'a link wherever the agent removes something: only the link goes' links_in_removal agent
check 'a link wherever the script removes something: only the link goes' links_in_removal script
check 'a folder of macOS that others may write: nothing is removed' unsafe_removal
check 'installed and removed in a hostile environment: nothing of it is executed' environment
