# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# What the tools are given, and what becomes of tools that do not do as they should.

# Root and alice have different answers to the same question, and the tool says as whom it ran.
asked_as_user() {
    # shellcheck disable=SC2016 # for the wrapper, not for here
    wrap /usr/sbin/sysadminctl 'echo "$1 $EUID $UID $(grep -E "^(Groups|Gid):" /proc/$$/status | tr -s "\t\n " " ")" >>/private/sim/out/uids'
    touch /private/sim/out/uids
    chmod 666 /private/sim/out/uids
    enforce first
}

screen_lock() {
    create "$laptop" "$here/rig"
    judge edit "$here/rig" 'next(u for u in mac["users"] if u["name"] == "alice")["screen_lock_delay"] = 3
next(u for u in mac["users"] if u["name"] == "root")["screen_lock_delay"] = 77'
    on "$laptop" "$here/rig" asked_as_user
    judge states "$here/rig/out/first.json" screen_lock_password_required=compliant:alice \
        screen_lock_password_delay=compliant:'3 s'
    local line
    line=$(grep -e '^-screenLock ' "$here/rig/out/uids") || { cat "$here/rig/out/uids"; exit 1; }
    expect 'whom sysadminctl ran as' '-screenLock 501 501 Gid: 20 20 20 20 Groups:' "${line%% }"
    grep -qe '^-secureTokenStatus 0 0 ' "$here/rig/out/uids"
}

# Whatever the environment says, the tools get their own, and the same is done.
hostile_environment() {
    local tool program
    program=$(command -v holdfast)
    mkdir -p /private/evil /private/gone
    for tool in fdesetup launchctl defaults sw_vers socketfilterfw pmset; do
        printf '#!/bin/bash\ntouch /private/sim/out/fake-ran\n' >"/private/evil/$tool"
        chmod 755 "/private/evil/$tool"
    done
    # shellcheck disable=SC2016 # for the wrapper, not for here
    wrap /usr/bin/csrutil 'tr "\0" "\n" </proc/$$/environ | sort >/private/sim/out/environment
readlink /proc/$$/cwd /proc/$$/fd/0 >/private/sim/out/process
ls /proc/$$/fd >>/private/sim/out/process'
    # What somebody has open is theirs to pass on; what the agent opens is not. 255 is the script that bash is reading.
    local descriptor
    for descriptor in "/proc/$$/fd/"*; do
        descriptor=${descriptor##*/}
        if [[ $descriptor -gt 2 && $descriptor -ne 255 ]]; then eval "exec $descriptor>&-"; fi
    done
    cd /private/gone || exit
    rmdir /private/gone
    umask 000
    export PATH=/private/evil:$PATH
    export TMPDIR=/private/nowhere HOME=/private/nowhere BASH_ENV=/private/evil/fdesetup ENV=/private/evil/fdesetup
    export LD_LIBRARY_PATH=/private/evil DYLD_INSERT_LIBRARIES=/private/evil/lib.dylib DYLD_LIBRARY_PATH=/private/evil
    export CFFIXED_USER_HOME=/private/evil LANG=tr_TR.UTF-8 RUST_LOG=trace RUST_BACKTRACE=1 IFS=e
    export LD_PRELOAD=/private/evil/lib.so
    local status=0
    "$program" enforce --level 3 --json \
        >/private/sim/out/first.json 2>/private/sim/out/first.err <&- || status=$?
    unset LD_PRELOAD
    echo "$status" >/private/sim/out/first.status
}

environment() {
    on "$laptop" "$here/plain" enforced first
    on "$laptop" "$here/rig" hostile_environment
    expect 'exit status' 2 "$(cat "$here/rig/out/first.status")"
    judge same "$here/plain" "$here/rig"
    judge reports "$here/plain/out/first.json" "$here/rig/out/first.json"
    [[ ! -e $here/rig/out/fake-ran ]] || { echo 'a fake tool was run'; exit 1; }
    expect 'environment of a tool' 'LANG=C LC_ALL=C PATH=/usr/bin:/bin:/usr/sbin:/sbin' \
        "$(tr '\n' ' ' <"$here/rig/out/environment" | sed 's/ $//')"
    expect 'working folder, standard input and descriptors of a tool' '/ /dev/null 0 1 2 255' \
        "$(tr '\n' ' ' <"$here/rig/out/process" | tr -s ' ' | sed 's/ $//')"
    # With an umask that takes nothing away, the agent's own files still are not anybody's to write.
    local loose
    loose=$(find "$here/rig/Library/Logs/Holdfast" "$here/rig/Library/Application Support/Holdfast" -perm /022)
    expect 'files that others may write' '' "$loose"
}

tools_gone() {
    rm /usr/bin/csrutil /usr/libexec/ApplicationFirewall/socketfilterfw /bin/launchctl
    enforce first
}

gone() {
    on "$laptop" "$here/rig" tools_gone
    expect 'exit status' 2 "$(cat "$here/rig/out/first.status")"
    judge states "$here/rig/out/first.json" system_integrity_protection=unknown:/usr/bin/csrutil \
        firewall_on=unknown:socketfilterfw firewall_stealth=unknown screen_lock_password_delay=unknown:launchctl \
        update_download=fixed filevault_standby=fixed
    calm "$here/rig/out/first.err" "$here/rig/out/first.json"
    expect 'firewall' false "$(judge value "$here/rig/mac.json" firewall on)"
}

version_gone() {
    rm /usr/bin/sw_vers
    enforce first
}

no_version() {
    create "$laptop" "$here/rig"
    cp -a "$here/rig" "$here/before"
    on "$laptop" "$here/rig" version_gone
    expect 'exit status' 1 "$(cat "$here/rig/out/first.status")"
    says "$here/rig/out/first.err" 'this is not a Mac'
    calm "$here/rig/out/first.err" "$here/rig/out/first.json"
    [[ ! -e $here/rig/Library/Logs ]] || { echo 'a ledger was begun'; exit 1; }
    judge same "$here/before" "$here/rig"
}

# csrutil hangs with a child that ignores what it can ignore; diskutil prints 2 MB; pmset is killed by a signal; bputil is no
# program at all.
tools_unruly() {
    # shellcheck disable=SC2016 # for the tool, not for here
    printf '#!/bin/bash\ntrap "" TERM INT HUP\nsleep 1000 &\necho $! $$ >/private/sim/out/pids\nwait\n' >/private/hangs
    printf '#!/bin/bash\nhead -c 2097152 /dev/zero | tr "\\0" x\n' >/private/floods
    # shellcheck disable=SC2016 # for the tool, not for here
    printf '#!/bin/bash\nkill -SEGV $$\n' >/private/dies
    head -c 64 /dev/urandom >/private/garbage
    chmod 755 /private/hangs /private/floods /private/dies /private/garbage
    ln -f /private/hangs /usr/bin/csrutil
    ln -f /private/floods /usr/sbin/diskutil
    ln -f /private/dies /usr/bin/pmset
    ln -f /private/garbage /usr/bin/profiles
    local began=$SECONDS
    enforce first
    echo $((SECONDS - began)) >/private/sim/out/took
}

unruly() {
    on "$laptop" "$here/rig" tools_unruly
    expect 'exit status' 2 "$(cat "$here/rig/out/first.status")"
    judge states "$here/rig/out/first.json" \
        system_integrity_protection=unknown:'20' sealed_system_volume=unknown:'1048576' filevault_unlockers=unknown \
        filevault_standby=unknown:signal bootstrap_token=unknown:profiles firewall_on=fixed update_download=fixed
    calm "$here/rig/out/first.err" "$here/rig/out/first.json"
    local pid pids took
    read -ra pids <"$here/rig/out/pids"
    expect 'processes of the tool that hung' 2 "${#pids[@]}"
    for pid in "${pids[@]}"; do
        # One that is dead and not yet reaped by its new parent is gone for every purpose.
        if grep -sE '^State:' "/proc/$pid/status" | grep -v 'Z (zombie)'; then
            echo "process $pid of the tool that hung is still there"
            exit 1
        fi
    done
    took=$(cat "$here/rig/out/took")
    [[ $took -ge 20 && $took -le 25 ]] || { echo "took $took s, where the limit is 20 s"; exit 1; }
    echo "$took s"
}

check 'the screen lock is asked as the user at the screen' screen_lock
check 'a hostile environment changes nothing' environment
check 'tools that are gone' gone
check 'no sw_vers: no Mac, nothing is written' no_version
check 'tools that hang, flood, crash and are none' unruly
