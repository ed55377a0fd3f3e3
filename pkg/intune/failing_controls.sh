#!/bin/sh
# Intune custom attribute, a string: the ids of the controls that have drifted, with commas, or none;
# not_installed, never_run, stale or unreadable where that cannot be told.
PATH=/usr/bin:/bin:/usr/sbin:/sbin
export PATH
unset -v ENV BASH_ENV ZDOTDIR CDPATH IFS
unset -f printf '[' 2>/dev/null
holdfast=/Library/Holdfast/bin/holdfast
# Named again are those that are root's, are no links, and can be written by nobody else. The program must be a file to run.
installed() {
    safe=$(/usr/bin/find / /Library /Library/Holdfast /Library/Holdfast/bin "$holdfast" -prune -user 0         ! -perm -0020 ! -perm -0002 \( -type d ! -path "$holdfast" -o -type f -path "$holdfast" -perm -0100 \) 2>/dev/null)
    [ "$safe" = "/
/Library
/Library/Holdfast
/Library/Holdfast/bin
$holdfast" ]
}
# fact NAME: one fact from the agent's state file. No check is run. What the program cannot say is unreadable, never good.
fact() {
    value=$("$holdfast" fact "$1" 2>/dev/null </dev/null) && [ -n "$value" ] || value=unreadable
    printf '%s\n' "$value"
}

if installed; then fact failing_controls; else printf 'not_installed\n'; fi
