# shellcheck shell=bash disable=SC2154,SC2317,SC2329 # sourced by tests/rig.sh, which calls these by name
# examples/conformance, on a Mac whose tools are the simulated ones: it finds nothing, and what is changed on purpose.

# Inside the rig: keeps report and recording as out/NAME, and its status.
conform() {
    local status=0
    "$2/examples/conformance" --out "/private/sim/out/$1" >"/private/sim/out/$1.out" 2>"/private/sim/out/$1.err" || status=$?
    echo "$status" >"/private/sim/out/$1.status"
}

# On MAC in two of its worlds nothing differs, and nothing is changed by asking.
conforms() {
    local world out
    for world in neglected factory; do
        create "$world@$1" "$here/$world"
        cp -a "$here/$world" "$here/before"
        on "$world@$1" "$here/$world" conform all "$RIG_BIN"
        out=$here/$world/out
        expect "$world: status" 0 "$(cat "$out/all.status" "$out/all.err" "$out/all.out" | head -n 20 | sed 1q)"
        says "$out/all/report.txt" ' 0 differences'
        [[ ! -e $out/all/recording.json ]] || { echo 'something was recorded'; exit 1; }
        judge same "$here/before" "$here/$world"
        rm -rf "$here/before"
    done
    tail -n 1 "$out/all/report.txt"
}

# Somebody has new words, another exit status, a secret, a question that a tool now refuses.
conform_changed() {
    printf '#!/bin/bash\necho "System Integrity Protection status: resting, says alice of C02XL0THJGH5."\n' >/private/new
    chmod 755 /private/new
    ln -f /private/new /usr/bin/csrutil
    wrap /usr/sbin/spctl 'echo "assessments enabled"; exit 7'
    printf '#!/bin/bash\necho "Quentin Nobody,0A81F3B1-51D9-3335-B3E3-169C3640360D,and more"\nexit 9\n' >/private/secret
    chmod 755 /private/secret
    ln -f /private/secret "$2"
    conform all "$1"
}

changed() {
    local out=$here/rig/out/all
    on "$laptop" "$here/rig" conform_changed "$RIG_BIN" "$1"
    expect 'status' 1 "$(cat "$here/rig/out/all.status")"
    says "$out/report.txt" '/usr/bin/csrutil status: not understood'
    says "$out/report.txt" '/usr/bin/csrutil status: a line in words that are new'
    says "$out/report.txt" "$1"
    says "$out/report.txt" 'control system_integrity_protection is unknown'
    if grep -rE 'Quentin|Nobody|0A81F3B1|C02XL0THJGH5' "$out"; then
        echo 'what is nobody else'\''s business was kept'
        exit 1
    fi
    python3 - "$out/recording.json" "$@" <<'PY'
import json, sys
path, tool, words = sys.argv[1:]
with open(path) as file:
    recording = json.load(file)
asks = {one["ask"]["run"][0]: one["answer"] for one in recording["asks"] if "run" in one["ask"]}
assert asks["/usr/bin/csrutil"] == {"status": 0, "stdout": f"System Integrity Protection status: {words}\n"}, asks
assert (asks[tool]["status"], asks[tool]["stdout"].split()) == (9, ["[withheld]"] * 3), asks
PY
}

# One new thing is one difference, beside the control that it leaves unknown.
conform_status() {
    # shellcheck disable=SC2016 # for the wrapper, not for here
    wrap /usr/libexec/ApplicationFirewall/socketfilterfw \
        'if [[ $1 == --getallowsigned ]]; then "/private/wrapped/socketfilterfw" "$@"; exit 5; fi'
    conform all "$1"
}

other_status() {
    local out=$here/rig/out/all
    on "$laptop" "$here/rig" conform_status "$RIG_BIN"
    expect 'status' 1 "$(cat "$here/rig/out/all.status")"
    expect 'questions recorded' 1 "$(grep -c '"ask"' "$out/recording.json")"
    says "$out/recording.json" '--getallowsigned'
    says "$out/report.txt" 'exit status 5 with standard output, where the simulated Mac says exit status 0'
}

for mac in "${macs[@]}"; do
    check "conformance: $mac's tools are its own" conforms "$mac"
done
check 'conformance: what is new is recorded, without names' changed /usr/sbin/diskutil 'resting, says alice of ID.'
check 'conformance: where names are not known no new word is kept' changed /usr/bin/dscl \
    '[withheld] [withheld] [withheld] [withheld] [withheld]'
check 'conformance: another exit status is one difference' other_status
