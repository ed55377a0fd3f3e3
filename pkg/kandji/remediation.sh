#!/bin/sh
# Kandji (Iru) remediation script: one pass that mends what policy has it mend. A setting that a profile governs is
# left alone. 0 where all holds afterwards.
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
"$holdfast" enforce >/dev/null 2>&1 </dev/null
case $? in
0) printf 'enforce: all held\n' ;;
3) printf 'enforce: there was drift, all of it is mended\n' ;;
2) printf 'enforce: drift remains, or something is unknown\n' ;;
77) printf 'enforce: not root\n' ;;
78) printf 'enforce: the policy has problems\n' ;;
*) printf 'enforce: could not run\n' ;;
esac
printf 'compliance_state: %s\n' "$(fact compliance_state)"
printf 'failing_controls: %s\n' "$(fact failing_controls)"
"$holdfast" audit >/dev/null 2>&1 </dev/null || exit 1
