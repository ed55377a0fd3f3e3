# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# What is done in a login session, and the published sign-out script, with the Mac's real files and programs.

# The tools of a session as one of its users, and this machine's own programs of the same names.
sessions_used() {
    as() { /bin/launchctl asuser "$1" /Library/Holdfast/bin/holdfast as-user "$@"; }
    local out=/private/sim/out status=0
    as 501 -- /usr/bin/open -g -a 'Jamf Trust' 'com.jamf.trust://?action=sign_out' >"$out/open" 2>&1
    as 503 -- /usr/bin/open -g -a 'Jamf Trust' 'com.jamf.trust://?action=sign_out' >"$out/refused" 2>&1 || status=$?
    echo "$status" >>"$out/refused"
    # shellcheck disable=SC2016 # a text that must not be run
    as 501 -- /usr/bin/osascript -e 'on run argv' \
        -e 'display notification (item 1 of argv) with title (item 2 of argv)' -e 'end run' 'a "$(id)"' b
    /bin/ps -axo uid=,comm= >"$out/ps"
    /usr/sbin/scutil --nc list >"$out/vpn"
    # Other calls are this machine's own, as whoever makes them.
    as 501 -- /usr/bin/id -u >"$out/own"
    as 501 -- /usr/bin/id -ru >>"$out/own"
    mkdir "$out/moving"
    echo one >"$out/moving/a"
    mv "$out/moving/a" "$out/moving/b"
    cat "/Applications/Jamf Trust.app/Contents/Info.plist" >"$out/app"
}

sessions() {
    on "$laptop" "$here/rig" sessions_used
    expect 'delivered to' '["alice"]' "$(judge value "$here/rig/mac.json" jamf_trust delivered)"
    expect 'what open said' '' "$(cat "$here/rig/out/open")"
    says "$here/rig/out/refused" '-10810'
    expect 'exit status of a refusal' 1 "$(tail -n 1 "$here/rig/out/refused")"
    # shellcheck disable=SC2016 # as above
    expect 'notice' '"a \"$(id)\""' "$(judge value "$here/rig/mac.json" notices 0 message)"
    says "$here/rig/out/vpn" '(Disconnected)'
    says "$here/rig/out/ps" '  501 /Applications/Jamf Trust.app/Contents/MacOS/Jamf Trust'
    says "$here/rig/out/app" 'com.jamf.trust'
    expect 'whom other calls ran as' '501 501' "$(paste -sd ' ' "$here/rig/out/own")"
    expect 'a moved file' one "$(cat "$here/rig/out/moving/b")"
}

taken_over() {
    enforce first
    enforce second
}

# The script, its property list and its job go, are kept, and stay away.
takeover() {
    local list=Library/LaunchDaemons/com.jamftrust.automateSignOut.plist script=Library/Scripts/jamfTrustSignOut.sh
    create "$laptop" "$here/rig"
    judge policy "$here/rig/$policy" 3 sign_out_original_script
    cp "$here/rig/$list" "$here/list"
    chmod 744 "$here/rig/$script"
    on "$laptop" "$here/rig" taken_over
    judge states "$here/rig/out/first.json" sign_out_original_script=fixed
    judge states "$here/rig/out/second.json" sign_out_original_script=compliant
    [[ ! -e $here/rig/$list && ! -e $here/rig/$script ]] || { echo 'it is still there'; exit 1; }
    expect 'jobs' '[]' "$(judge value "$here/rig/mac.json" jobs)"
    local kept=("$here/rig/Library/Application Support/Holdfast/replaced/"*)
    expect 'files kept' 2 "${#kept[@]}"
    cmp "$here/list" "$here/rig/Library/Application Support/Holdfast/replaced/"*.plist
    expect 'mode of the script' 744 "$(stat -c %a "$here/rig/Library/Application Support/Holdfast/replaced/"*.sh)"
}

check 'tools of a login session run as its user' sessions
check 'the published sign-out script is taken away and kept' takeover
