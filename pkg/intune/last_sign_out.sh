#!/bin/sh
# Intune custom attribute, type Date: when a sign-out from Jamf Trust was last delivered, or never.
# Where there is no date: the word why, and exit status 1, which Intune shows as Failed.
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

if installed; then value=$(fact last_sign_out); else value=not_installed; fi
printf '%s\n' "$value"
case $value in
[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*) exit 0 ;;
*) exit 1 ;;
esac
