#!/bin/sh
# Jamf Pro extension attribute "Holdfast - Exemption Count", data type Integer.
# How many controls are exempt, the whole Mac or for those users for whom they do not hold: looked at and left
# alone.
# Says: a count; -2 where it cannot be told, -1 where no agent is installed.
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
value=-1

# Named again are those that are root's, are no links, and can be written by nobody else. The program must be a file to run.
safe=$(/usr/bin/find / /Library /Library/Holdfast /Library/Holdfast/bin "$agent" -prune -user 0 \
    ! -perm -0020 ! -perm -0002 \( -type d ! -path "$agent" -o -type f -path "$agent" -perm -0100 \))
case $safe in
"/
/Library
/Library/Holdfast
/Library/Holdfast/bin
$agent")
    value=-2
    answer=$(/usr/bin/env -i "$agent" ea exemption_count)
    case $answer in
    '<result>'*'</result>')
        answer=${answer#'<result>'}
        answer=${answer%'</result>'}
        case $answer in
        -2 | [0-9] | [0-9][0-9] | [0-9][0-9][0-9] | 1000) value=$answer ;;
        esac
        ;;
    esac
    ;;
esac
/usr/bin/printf '<result>%s</result>\n' "$value"
exit 0
