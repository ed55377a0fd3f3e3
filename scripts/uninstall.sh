#!/bin/sh
# Takes Holdfast off this Mac: by the agent itself (holdfast uninstall) where it is there and safe to start, and else, or where
# it fails, without it. Then the folders /Library/Holdfast and /Library/Application Support/Holdfast go with all that is in
# them, but for what the agent has moved out of the way of others. Works with half of it gone, and with nothing there.
#
#   uninstall.sh [--restore] [--keep-logs | --remove-logs]
#
#   --restore       puts back what the agent changed, before it goes; only the agent itself can
#   --keep-logs     leaves the logs where they are; so it is without this option, too
#   --remove-logs   removes the compliance log and the Jamf Trust log as well
#
# What Jamf Pro hands to a script before its own parameters (mount point, computer and user name) is passed over.
# Exits 0 where nothing is left that should be gone, 1 where something is, 64 on wrong usage, 77 where it is not root.
# shellcheck disable=SC2317,SC2329 # functions that are handed to others by name
PATH=/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C; export PATH LC_ALL; unset -v ENV BASH_ENV ZDOTDIR CDPATH GLOBIGNORE TMPDIR IFS
unset -f printf echo test '[' read kill command 2>/dev/null

label=org.holdfast.agent
program=/Library/Holdfast/bin/holdfast
# How many seconds launchd gets to end the daemon: its ExitTimeOut twice.
patience=30
restore=no keep=no logs=keep left=0

say() {
    printf 'holdfast: %s\n' "$*"
}

# What became of $2, in the agent's own words: $1; and why, $3.
became() {
    printf '%-9s %s\n' "$1" "$2"
    if [ -n "${3-}" ]; then printf '          %s\n' "$3"; fi
    if [ "$1" = LEFT ]; then left=$((left + 1)); fi
}

# Hands each file outside Holdfast's own folders to $1: the folder it lies in, and its name there.
files() {
    "$1" /Library/LaunchDaemons org.holdfast.agent.plist
    "$1" /private/etc/paths.d holdfast
    "$1" /private/etc/manpaths.d holdfast
    "$1" /Library/Preferences org.holdfast.agent.plist
}

# Hands each folder of macOS's own that something of Holdfast's lies in to $1, with those above it.
folders() {
    "$1" /
    "$1" /Library
    "$1" '/Library/Application Support'
    "$1" /Library/LaunchDaemons
    "$1" /Library/Logs
    "$1" /Library/Preferences
    "$1" /private
    "$1" /private/etc
    "$1" /private/etc/paths.d
    "$1" /private/etc/manpaths.d
    "$1" /private/var
    "$1" /private/var/log
}

# Whether $2 is there at all, as what find calls type $1, root's, and for nobody else to write.
is_roots() {
    [ ! -L "$2" ] && [ "$(/usr/bin/find "$2" -prune -type "$1" -user 0 ! -perm -020 ! -perm -002 2>/dev/null)" = "$2" ]
}

judge_folder() {
    if is_there "$1" && ! is_roots d "$1"; then
        say "refused: expected a folder that is root's and that only root can write: $(/bin/ls -ldn "$1" 2>&1)"
        left=$((left + 1))
    fi
}

# Whether there is anything at $1, be it a link that leads nowhere.
is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

# Removes the file $2 in the folder $1; a link itself, and not what it leads to.
remove_file() {
    is_there "$1/$2" || return 0
    if [ -d "$1/$2" ] && [ ! -L "$1/$2" ]; then
        became LEFT "$1/$2" "a folder; expected a file"
    elif /bin/rm -f "$1/$2"; then
        became removed "$1/$2"
    else
        became LEFT "$1/$2" "it could not be removed"
    fi
}

# Makes the folder $1 root's alone, and each folder in it. The one it lies in is root's alone, and find comes to a folder before it
# comes to what is in it: nobody can put a link in the place of one that is about to be changed.
take_back() {
    /usr/bin/find "$1" -xdev -type d -exec /usr/sbin/chown -h 0:0 {} \; -exec /bin/chmod go-w {} \;
}

# Removes the folder $2 in the folder $1 with all that is in it, but for what is called $3 directly below; follows no link.
remove_folder() {
    is_there "$1/$2" || return 0
    if [ -L "$1/$2" ] || [ ! -d "$1/$2" ]; then
        remove_file "$1" "$2"
        return
    fi
    take_back "$1/$2"
    if [ -n "${3-}" ]; then
        /usr/bin/find "$1/$2" -xdev -depth -mindepth 1 ! -path "$1/$2/$3" ! -path "$1/$2/$3/*" -delete
        if [ -d "$1/$2/$3" ] && [ ! -L "$1/$2/$3" ]; then
            /bin/rmdir "$1/$2/$3" 2>/dev/null
        else
            /bin/rm -f "$1/$2/$3"
        fi
        if is_there "$1/$2/$3"; then
            became kept "$1/$2/$3" "what the agent moved out of the way; it is yours"
            return
        fi
    fi
    /usr/bin/find "$1/$2" -xdev -depth -delete
    if is_there "$1/$2"; then became LEFT "$1/$2" "it could not be removed"; else became removed "$1/$2"; fi
}

is_gone() {
    /bin/launchctl print "system/$label" >/dev/null 2>&1
    [ $? -eq 113 ]
}

end_daemon() {
    if is_gone; then return 0; fi
    /bin/launchctl bootout "system/$label"
    waited=0
    until is_gone; do
        if [ "$waited" -ge "$patience" ]; then
            say "refused: launchd still has the daemon after $patience s; nothing more is removed"
            return 1
        fi
        /bin/sleep 1
        waited=$((waited + 1))
    done
    became stopped "launchd job $label"
}

# By the agent itself: it puts back, writes the last line of the log, and removes more carefully than a shell can.
ask_agent() {
    if ! is_there "$program"; then
        say "$program is not there: going on without it"
        return 1
    elif ! is_roots d /Library/Holdfast || ! is_roots d /Library/Holdfast/bin || ! is_roots f "$program" || [ ! -x "$program" ]; then
        say "$program is not started: somebody other than root could have put it there. Going on without it"
        return 1
    fi
    set -- uninstall
    if [ "$restore" = yes ]; then set -- "$@" --restore; fi
    if [ "$logs" = remove ]; then set -- "$@" --remove-logs; fi
    "$program" "$@"
    ended=$?
    if [ "$ended" -eq 0 ] && ! is_there "$program" && is_gone; then return 0; fi
    say "holdfast $* ended with status $ended: going on without it"
    return 1
}

remove_logs() {
    if [ "$restore" = yes ]; then
        became kept /Library/Logs/Holdfast 'the compliance log says what would have to be put back'
        return
    fi
    remove_folder /Library/Logs Holdfast
    remove_file /Library/Logs JamfTrustSignOut.log
    remove_file /Library/Logs JamfTrustSignOut.log.1
}

forget() {
    /usr/sbin/pkgutil --pkg-info "$label" >/dev/null 2>&1 || return
    if /usr/sbin/pkgutil --forget "$label" >/dev/null; then
        became forgotten "receipt $label"
    else
        became LEFT "receipt $label" 'pkgutil could not forget it'
    fi
}

options() {
    # A mount point cannot be meant for this script: it is Jamf Pro that starts it.
    case ${1-} in
    /*) if [ $# -ge 3 ]; then shift 3; else shift $#; fi ;;
    esac
    for option in "$@"; do
        case $option in
        '') ;;
        --restore) restore=yes ;;
        --keep-logs) keep=yes ;;
        --remove-logs) logs=remove ;;
        *)
            say 'usage: uninstall.sh [--restore] [--keep-logs | --remove-logs]' >&2
            return 64
            ;;
        esac
    done
    if [ "$keep" = yes ] && [ "$logs" = remove ]; then
        say 'usage: --keep-logs and --remove-logs exclude each other' >&2
        return 64
    fi
}

main() {
    options "$@" || return
    if [ "$(/usr/bin/id -u)" -ne 0 ]; then
        say 'uninstall.sh must be run as root' >&2
        return 77
    fi
    folders judge_folder
    if [ "$left" -gt 0 ]; then
        say 'nothing was removed: somebody other than root could exchange what is removed there'
        return 1
    fi
    if ask_agent; then return 0; fi
    end_daemon || return 1
    files remove_file
    if [ "$restore" = yes ]; then
        became LEFT 'what the agent changed on this Mac' 'unless it said above that it is put back; the compliance log has each undo'
    fi
    remove_folder '/Library/Application Support' Holdfast replaced
    if [ "$logs" = remove ]; then remove_logs; fi
    # The file of the daemon's complaints is empty where it had none.
    if [ "$logs" = remove ] || [ ! -s /private/var/log/org.holdfast.agent.log ]; then
        remove_file /private/var/log org.holdfast.agent.log
    fi
    forget
    remove_folder /Library Holdfast
    if is_there '/Library/Managed Preferences/org.holdfast.agent.plist'; then
        became kept '/Library/Managed Preferences/org.holdfast.agent.plist' 'a profile forces it; remove the profile in the MDM'
    fi
    if [ "$left" -gt 0 ]; then
        say "not done whole: $left left"
        return 1
    fi
    printf '\nHoldfast is removed from this Mac.\n'
}

main "$@"
exit $?
