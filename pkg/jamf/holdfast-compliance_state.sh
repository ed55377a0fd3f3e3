#!/bin/sh
# Jamf Pro extension attribute "Holdfast - Compliance State", data type String.
# How the Mac stands as a whole. bad_policy: all holds, but the policy has problems, so that it may not be what
# was meant.
# Says: compliant drifted unknown bad_policy; never_run unreadable stale not_installed.
# Made from the agent's own table of facts: changes to this file are lost.

# First, so that in bash no function of the environment stands in for one of the words used below.
POSIXLY_CORRECT=1
PATH=/usr/bin:/bin:/usr/sbin:/sbin
LC_ALL=C
export POSIXLY_CORRECT PATH LC_ALL
unset ENV BASH_ENV CDPATH IFS
set +efux
exec 2>/dev/null

agent=/Library/Holdfast/bin/holdfast
value=not_installed

# Named again are those that are root's, are no links, and can be written by nobody else. The program must be a file to run.
safe=$(/usr/bin/find / /Library /Library/Holdfast /Library/Holdfast/bin "$agent" -prune -user 0 \
    ! -perm -0020 ! -perm -0002 \( -type d ! -path "$agent" -o -type f -path "$agent" -perm -0100 \))
case $safe in
"/
/Library
/Library/Holdfast
/Library/Holdfast/bin
$agent")
    value=unreadable
    answer=$(/usr/bin/env -i "$agent" ea compliance_state)
    case $answer in
    '<result>'*'</result>')
        answer=${answer#'<result>'}
        answer=${answer%'</result>'}
        case $answer in
        compliant | drifted | unknown | bad_policy | never_run | unreadable | stale) value=$answer ;;
        esac
        ;;
    esac
    ;;
esac
/usr/bin/printf '<result>%s</result>\n' "$value"
exit 0
