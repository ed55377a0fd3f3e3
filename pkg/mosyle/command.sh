#!/bin/sh
# Custom command for Mosyle: every fact, one a line. Exit status 0 all holds, 1 it does not or Holdfast is not
# installed, 2 it cannot be told.
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

if ! installed; then
    printf 'compliance_state: not_installed\n'
    exit 1
fi
for name in compliance_state failing_controls failing_count unknown_controls contested_controls last_run last_sign_out agent_health bootstrap_token exemption_count agent_version; do
    printf '%s: %s\n' "$name" "$(fact "$name")"
done
"$holdfast" audit >/dev/null 2>&1 </dev/null
case $? in
0) exit 0 ;;
1) exit 1 ;;
*) exit 2 ;;
esac
