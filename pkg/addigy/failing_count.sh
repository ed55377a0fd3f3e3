#!/bin/sh
# Addigy custom fact, a whole number: how many controls have drifted; -1 where Holdfast is not installed, -2 where it cannot be told.
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

installed || { printf '%s\n' -1; exit 0; }
value=$(fact failing_count)
[ "$value" != unreadable ] || value=-2
printf '%s\n' "$value"
