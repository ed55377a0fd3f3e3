#!/bin/sh
# Addigy custom fact, a string: ok, bad_policy, stale, never_run or unreadable;
# not_installed, never_run, stale or unreadable where that cannot be told.
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

if installed; then fact agent_health; else printf 'not_installed\n'; fi
