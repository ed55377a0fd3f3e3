#!/bin/sh
# Takes Holdfast off this Mac: by the agent itself where it is there and safe to start, and then whatever is still left.
# Works with half of it gone, and with nothing there.
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
restore=no logs=keep left=0

say() {
    printf 'holdfast: %s\n' "$*"
}

leave() {
    say "left: $*"
    left=$((left + 1))
}

# Hands each file outside Holdfast's own folders to $1: the folder it lies in, and its name there.
files() {
    "$1" /Library/LaunchDaemons org.holdfast.agent.plist
    "$1" /private/etc/paths.d holdfast
    "$1" /private/etc/manpaths.d holdfast
    "$1" /Library/Preferences org.holdfast.agent.plist
}

# Whether $1 is a folder of root's that nobody else can write.
is_ours_alone() {
    [ ! -L "$1" ] && [ "$(/usr/bin/find "$1" -prune -type d -user 0 ! -perm -020 ! -perm -002 2>/dev/null)" = "$1" ]
}

# Whether nobody but root can exchange what lies in the folder $1: so it is with that folder and each above it.
is_safe() {
    is_ours_alone / || return 1
    way=$1
    while [ -n "$way" ]; do
        is_ours_alone "$way" || return 1
        way=${way%/*}
    done
}

# Whether there is anything at $1, be it a link that leads nowhere.
is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

# Removes the file $2 in the folder $1; a link itself, and not what it leads to.
remove_file() {
    is_there "$1/$2" || return 0
    if ! is_safe "$1"; then
        leave "$1/$2: somebody other than root could exchange what lies in $1"
    elif [ -d "$1/$2" ] && [ ! -L "$1/$2" ]; then
        leave "$1/$2: a folder; expected a file"
    elif /bin/rm -f "$1/$2"; then
        say "removed $1/$2"
    else
        leave "$1/$2"
    fi
}

# Makes the folder $1 root's alone, and each folder in it. The one it lies in is safe, and find comes to a folder before it
# comes to what is in it: nobody can put a link in the place of one that is about to be changed.
take_back() {
    /usr/bin/find "$1" -xdev -type d -exec /usr/sbin/chown -h 0:0 {} \; -exec /bin/chmod go-w {} \;
}

# Removes the folder $2 in the folder $1 with all that is in it, but for what is called $3 directly below; follows no link.
remove_folder() {
    is_there "$1/$2" || return 0
    if ! is_safe "$1"; then
        leave "$1/$2: somebody other than root could exchange what lies in $1"
        return
    fi
    if [ -L "$1/$2" ] || [ ! -d "$1/$2" ]; then
        remove_file "$1" "$2"
        return
    fi
    take_back "$1/$2"
    if [ -n "${3-}" ]; then
        /usr/bin/find "$1/$2" -xdev -depth -mindepth 1 ! -path "$1/$2/$3" ! -path "$1/$2/$3/*" -delete
        if [ ! -L "$1/$2/$3" ]; then /bin/rmdir "$1/$2/$3" 2>/dev/null; fi
        if is_there "$1/$2/$3"; then
            say "kept $1/$2/$3: what the agent moved out of the way for others, which is theirs"
            return
        fi
    fi
    /usr/bin/find "$1/$2" -xdev -depth -delete
    if is_there "$1/$2"; then leave "$1/$2"; else say "removed $1/$2"; fi
}

is_gone() {
    /bin/launchctl print "system/$label" >/dev/null 2>&1
    [ $? -eq 113 ]
}

end_daemon() {
    is_gone && return
    /bin/launchctl bootout "system/$label"
    waited=0
    until is_gone; do
        if [ "$waited" -ge "$patience" ]; then
            leave "the job $label in launchd, after $patience s"
            return
        fi
        /bin/sleep 1
        waited=$((waited + 1))
    done
    say "launchd let go of $label"
}

# By the agent itself: it puts back, writes the last line of the log, and removes more carefully than a shell can.
ask_agent() {
    is_there "$program" || return
    if ! is_safe "${program%/*}" || [ -L "$program" ] || [ ! -x "$program" ] ||
        [ "$(/usr/bin/find "$program" -prune -type f -user 0 ! -perm -020 ! -perm -002 2>/dev/null)" != "$program" ]; then
        say "$program is not started: somebody other than root could have put it there"
        return
    fi
    set -- uninstall
    if [ "$restore" = yes ]; then set -- "$@" --restore; fi
    if [ "$logs" = remove ]; then set -- "$@" --remove-logs; fi
    if "$program" "$@"; then
        restore=made
    else
        say "holdfast $* ended with status $?; going on without it"
    fi
}

remove_logs() {
    if [ "$restore" = yes ]; then
        say 'kept the logs: the compliance log says what would have to be put back'
        return
    fi
    remove_folder /Library/Logs Holdfast
    remove_file /Library/Logs JamfTrustSignOut.log
    remove_file /Library/Logs JamfTrustSignOut.log.1
}

forget() {
    /usr/sbin/pkgutil --pkg-info "$label" >/dev/null 2>&1 || return
    if /usr/sbin/pkgutil --forget "$label"; then return; fi
    leave "the receipt $label"
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
    if [ "${keep-no}" = yes ] && [ "$logs" = remove ]; then
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
    ask_agent
    end_daemon
    files remove_file
    if [ "$restore" = yes ]; then
        leave 'what the agent changed on this Mac, unless it said above that it is put back; the compliance log has each undo'
    fi
    remove_folder '/Library/Application Support' Holdfast replaced
    if [ "$logs" = remove ]; then remove_logs; fi
    # What launchd keeps for the daemon's complaints is empty where there were none.
    if [ "$logs" = remove ] || [ ! -s /private/var/log/org.holdfast.agent.log ]; then
        remove_file /private/var/log org.holdfast.agent.log
    fi
    forget
    remove_folder /Library Holdfast
    if is_there '/Library/Managed Preferences/org.holdfast.agent.plist'; then
        say 'an MDM profile still sets org.holdfast.agent: it is removed in the MDM, not here'
    fi
    if [ "$left" -gt 0 ]; then return 1; fi
    say 'Holdfast is removed'
}

main "$@"
exit $?
