#!/bin/sh
# Intune custom attribute, type Date: when a sign-out from Jamf Trust was last delivered, or never.
# Where there is no date: the word why, and exit status 1, which Intune shows as Failed.
PATH=/usr/bin:/bin:/usr/sbin:/sbin
export PATH
unset -v ENV BASH_ENV ZDOTDIR CDPATH IFS
unset -f printf '[' 2>/dev/null
holdfast=/Library/Holdfast/bin/holdfast
installed() {
    [ -f "$holdfast" ] && [ -x "$holdfast" ] && [ ! -L "$holdfast" ]
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
