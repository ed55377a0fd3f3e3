# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# Runs that do not get to their end: a full disk, a signal, a kill; and two at once. Each time everything that changed was
# announced, and the next run brings about what an undisturbed one would have.

replayed() {
    python3 "$1" replay "$2" /private/sim "$3"
}

# An undisturbed run, and the Mac after each of its commands: $work/replay.
undisturbed() {
    on "$laptop" "$here/whole" enforced first
    mkdir "$here/ledger"
    cp "$here/whole/Library/Logs/Holdfast/"*.ndjson "$here/ledger/"
    create "$laptop" "$here/rig"
    mkdir -p "$here/rig/out"
    cp "$repo/tests/rig/judge.py" "$here/rig/out/"
    cp -r "$here/ledger" "$here/rig/out/"
    on "$laptop" "$here/rig" replayed /private/sim/out/judge.py /private/sim/out/ledger /private/sim/out/replay
    judge same "$here/whole" "$here/rig"
    mv "$here/rig/out/replay" "$work/replay"
    judge lawful "$here/ledger" "$here/whole" "$work/replay"
}

# After `cut` there come `next` and `last`: what is cut is lawful, `next` converges, `last` finds nothing to do.
converges() {
    local out=$1/out end
    end=$(judge lawful "$out/cut/ledger" "$out/cut" "$work/replay")
    calm "$out"/*.err
    expect 'exit status of the next run' 2 "$(cat "$out/next.status")"
    expect 'log verify after the next run' 0 "$(cat "$out/verified.status")"
    judge same "$out/converged" "$work/replay/${end##* }"
    expect 'exit status of the last run' 2 "$(cat "$out/last.status")"
    expect 'intends lines of the last run' "$(judge intends "$out/converged/ledger")" "$(judge intends "$out/end/ledger")"
    echo "$end"
}

# The two runs after `cut`.
go_on() {
    keep cut
    enforce next
    verify verified
    keep converged
    enforce last
    keep end
}

# The ledger's disk has room for some pages more than there already are, after some short runs.
disk_full_later() {
    local pages=$1 runs=$2 used
    mkdir -p /Library/Logs/Holdfast
    mount -t tmpfs -o size=1m,mode=755 rig /Library/Logs/Holdfast
    while [[ $runs -gt 0 ]]; do
        enforce short --control secure_boot
        runs=$((runs - 1))
    done
    used=$(du -sB4096 /Library/Logs/Holdfast | cut -f1)
    mount -o remount,size=$(((used + pages) * 4096)) /Library/Logs/Holdfast
    enforce first
    mount -o remount,size=1m /Library/Logs/Holdfast
    go_on
}

# The ledger's disk gets full at many places. Not one is worth much; together they must reach into the changes.
disk_sweep() {
    local pages runs dir done_ total middle=0 all=0
    # What is found takes some sixteen pages, what is changed eight more.
    for pages in 16 18 20 22; do
        for runs in 0 1 2; do
            dir=$here/$pages-$runs
            on "$laptop" "$dir" disk_full_later "$pages" "$runs"
            all=$((all + 1))
            echo "$pages pages, $runs runs before: status $(cat "$dir/out/first.status"), $(cat "$dir/out/first.err")"
            expect 'exit status' 1 "$(cat "$dir/out/first.status")"
            says "$dir/out/first.err" /Library/Logs/Holdfast/compliance.ndjson
            read -r done_ total < <(converges "$dir" | tail -n 1)
            echo "stopped after $done_ of $total"
            [[ $done_ -eq 0 || $done_ -eq $total ]] || middle=$((middle + 1))
            rm -rf "$dir"
        done
    done
    [[ $middle -ge 3 ]] || { echo "only $middle of them stopped in the middle"; exit 1; }
    echo "$all runs, $middle of them stopped between two changes"
}

# Nothing fits: not a byte, or not a name.
disk_full() {
    local folder=$1 options=$2
    mkdir -p "$folder"
    mount -t tmpfs -o "mode=755,$options" rig "$folder"
    cat /dev/zero >"$folder/ballast" 2>/dev/null || true
    enforce first
}

disk_filled() {
    create "$laptop" "$here/rig"
    cp -a "$here/rig" "$here/before"
    on "$laptop" "$here/rig" disk_full "$1" "$2"
    refused "$1"
    says "$here/rig/out/first.err" 'No space left on device'
}

# Inside the rig: a whole run in the background, as the job of a terminal is one.
begin() {
    set -m
    holdfast enforce --level 3 --json >/private/sim/out/first.json 2>/private/sim/out/first.err &
    job=$!
    set +m
}

# Inside the rig: each signal is sent to the whole job, as a terminal does it; how the run ended, and after how long.
stop_by() {
    local signal began status=0
    began=$(date +%s%N)
    for signal in "$@"; do
        kill "-$signal" -- "-$job"
        sleep 0.1
    done
    wait "$job" || status=$?
    echo $((($(date +%s%N) - began) / 1000000)) >/private/sim/out/took
    echo "$status" >/private/sim/out/first.status
}

# signalled WHEN SIGNAL...: each signal is sent to the whole job, as a terminal does it, once so many changes are announced.
signalled() {
    local changes=$1 job ledger=/Library/Logs/Holdfast/compliance.ndjson
    shift
    wrap /usr/bin/csrutil 'touch /private/sim/out/looking; sleep 0.5'
    wrap /usr/bin/defaults 'sleep 0.5'
    begin
    until [[ -e /private/sim/out/looking && $(grep -c '"event":"intends"' "$ledger" 2>/dev/null || true) -ge $changes ]]; do
        kill -0 "$job"
        sleep 0.05
    done
    stop_by "$@"
    # A tool outlives a run that was killed; what it does then is for the next run to see.
    sleep 1
    mv -f /private/wrapped/defaults /private/wrapped/csrutil /usr/bin/
    go_on
}

# interrupted CHANGES STATUS ENDED SIGNAL...: ends so, with that many ends of runs on record, in time.
interrupted() {
    local changes=$1 status=$2 ended=$3 took end
    shift 3
    on "$laptop" "$here/rig" signalled "$changes" "$@"
    expect 'exit status' "$status" "$(cat "$here/rig/out/first.status")"
    took=$(cat "$here/rig/out/took")
    [[ $took -lt 10000 ]] || { echo "took $took ms to end"; exit 1; }
    expect 'ends of runs on record' "$ended" "$(judge events "$here/rig/out/cut/ledger" run_ended)"
    end=$(converges "$here/rig" | tail -n 1)
    local done_ total
    read -r done_ total <<<"$end"
    [[ $done_ -lt $total ]] || { echo "nothing was cut off: $end"; exit 1; }
    [[ $changes -gt 0 || $done_ -eq 0 ]] || { echo "$done_ changes were made after the signal"; exit 1; }
    echo "after $done_ of $total, $took ms after the signal"
}

# hung SIGNAL...: a tool that never ends by itself is running when each signal is sent to the job.
hung() {
    local job
    wrap /usr/bin/csrutil 'echo $$ >/private/sim/out/tool; exec sleep 300'
    begin
    until [[ -s /private/sim/out/tool ]]; do
        kill -0 "$job"
        sleep 0.05
    done
    stop_by "$@"
    # A killed process takes a moment to be gone; a dead one that nobody has reaped yet is none.
    sleep 0.5
    if grep -Esq '^State:[[:space:]]+[^ZX[:space:]]' "/proc/$(cat /private/sim/out/tool)/status"; then
        echo 'the tool is still there' >/private/sim/out/left
    fi
    mv -f /private/wrapped/csrutil /usr/bin/
    go_on
}

# hanging STATUS LIMIT SIGNAL...: ends so within LIMIT ms, and leaves no tool behind.
hanging() {
    local status=$1 limit=$2 took
    shift 2
    on "$laptop" "$here/rig" hung "$@"
    expect 'exit status' "$status" "$(cat "$here/rig/out/first.status")"
    took=$(cat "$here/rig/out/took")
    [[ $took -lt $limit ]] || { echo "took $took ms to end"; exit 1; }
    [[ ! -e $here/rig/out/left ]] || { cat "$here/rig/out/left"; exit 1; }
    converges "$here/rig" >/dev/null
    echo "$took ms after the signal"
}

two_at_once() {
    local first second status=0
    wrap /usr/bin/defaults 'sleep 0.3'
    enforce first &
    first=$!
    until grep -q '"event":"run_started"' /Library/Logs/Holdfast/compliance.ndjson 2>/dev/null; do
        kill -0 "$first"
        sleep 0.05
    done
    enforce second &
    second=$!
    wait "$first" || status=$?
    wait "$second" || status=$?
    verify verified
    keep end
    return "$status"
}

together() {
    on "$laptop" "$here/rig" two_at_once
    local out=$here/rig/out
    expect 'exit status of the first' 2 "$(cat "$out/first.status")"
    expect 'exit status of the second' 2 "$(cat "$out/second.status")"
    says "$out/second.err" 'another run holds the ledger'
    expect 'complaints of the first' '' "$(cat "$out/first.err")"
    expect 'log verify' 0 "$(cat "$out/verified.status")"
    expect 'fixed by the second' 0 "$(judge count "$out/second.json" fixed)"
    expect 'runs on record' 2 "$(judge events "$out/end/ledger" run_ended)"
    local end
    end=$(judge lawful "$out/end/ledger" "$out/end" "$work/replay")
    expect 'commands' "${end##* }" "${end%% *}"
}

needed 'an undisturbed run is what its ledger says' undisturbed
check 'a full disk under the ledger: nothing is changed' disk_filled /Library/Logs/Holdfast size=4k
check 'no more files under the ledger: nothing is changed' disk_filled /Library/Logs/Holdfast nr_inodes=1
check 'a full disk under the state: nothing is changed' disk_filled '/Library/Application Support/Holdfast' size=4k
check 'a disk that gets full on the way' disk_sweep
# The fifth change is made by the slow tool, so that the signal comes in its middle.
check 'Ctrl-C while looking' interrupted 0 2 1 INT
check 'Ctrl-C while changing' interrupted 5 2 1 INT
check 'SIGTERM while changing' interrupted 5 2 1 TERM
check 'Ctrl-C twice while changing' interrupted 5 1 0 INT INT
check 'SIGKILL while changing' interrupted 5 137 0 KILL
check 'Ctrl-C while a tool hangs' hanging 2 10000 INT
check 'SIGTERM while a tool hangs' hanging 2 10000 TERM
check 'Ctrl-C twice while a tool hangs' hanging 1 2000 INT INT
check 'two runs at once' together
