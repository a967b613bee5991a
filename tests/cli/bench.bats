#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# pvlab bench: what it counts, keeps, compares; what it says when it cannot.
#
# Damage tried: "nothing" not taken off; gap.missing not looked at; save() that
# writes in place; no terminate() of a boot.

load helpers

# The folder that pvlab was built in; what is kept there is not ours.
setup_file() {
    BUILD=$(realpath "$(dirname "$PVLAB")/..")
    export BUILD
}

# A build of its own: what is kept of it goes with it.
own_build() {
    mkdir -p own/tests/bench
    ln -s "$BUILD/kernel" "$BUILD/rom" own/
    [ $# = 0 ] || cp "$GUESTS/$1" own/tests/bench/mmu.elf
}

@test "bench: wrong usage is one sentence" {
    pvlab bench --only opps
    one_sentence 2 "pvlab bench: no bench 'opps'; did you mean 'ops'?"
    pvlab bench --on qqqq
    one_sentence 2 "no platform 'qqqq'; there are native, xen_pv, "
    pvlab bench --only hand --on hyperv
    one_sentence 2 "pvlab bench: nothing to count: hand is not for hyperv"
    pvlab bench --fast
    one_sentence 2 "unrecognized arguments: --fast"
    pvlab bench --json no/such/j
    one_sentence 2 "--json no/such: there is no such folder"
    pvlab bench --compare missing
    one_sentence 2 "--compare missing: there is no such file"
    : >page.md
    pvlab bench --only seal --page page.md
    one_sentence 2 "--page and --plots want all figures"
    pvlab run native k bench
    ends 2
    pvlab --tap bench
    one_sentence 2 "bench is the first word"
}

@test "bench: what was not built is named" {
    pvlab bench --build nowhere --only seal
    one_sentence 4 "pvlab bench: nowhere/tests/bench/seal-32.elf is not there: build"
}

@test "bench: counts, keeps what it counted, compares, sees what moved" {
    own_build
    LIMIT=120 pvlab bench --build own --only start --on native --json first
    ends 0 "[1/2] start: pvk on native; about "
    grep -q '"pvops_seal": { "user": 0, "kernel": [1-9]' first ||
        fail "no figure"
    grep -q '"pvk.elf": "[0-9a-f]\{64\}"' first || fail "no hash"
    grep -q '"command": "pvlab run native own/kernel/' first ||
        fail "no command"
    pvlab bench --build own --only start --on native --compare first \
        --json second
    ends 0 "2 of 2 boots are kept from before"
    [[ $output == *" figures as before, within 0.5%; 0 moved" ]] ||
        fail "compared: $output"
    cmp first second
    sed 's/"pvops_setup": { "user": 0, "kernel": /&1/' first >moved
    pvlab bench --build own --only start --on native --compare moved
    ends 5
    [[ $output == *"moved: start: pvk on native: pvops_setup: kernel: "* ]] ||
        fail "compared: $output"
    pvlab bench --build own --only start --on native --compare first \
        --json first
    ends 0
    [[ $output == *" figures as before, within 0.5%; 0 moved" ]] ||
        fail "compared: $output"
    cp moved both
    pvlab bench --build own --only start --on native --compare both --json both
    ends 5
    [[ $output == *"moved: start: pvk on native: pvops_setup: kernel: "* ]] ||
        fail "compared with what it wrote: $output"
    python3 -c 'import json, sys
whole = json.load(sys.stdin)
del whole["benches"]["start"]["figures"]["rom"]
json.dump(whole, sys.stdout)' <first >gone
    pvlab bench --build own --only start --on native --compare gone
    ends 5
    [[ $output == *"new: start: rom on native"* ]] || fail "new: $output"
    echo '{}' >other
    pvlab bench --build own --only start --on native --compare other
    ends 4 "other: not figures of pvlab bench"
}

@test "bench: a platform that cannot be is a gap, a boot that fails an error" {
    own_build pass-32.elf
    pvlab bench --build own --only mmu
    ends 0 "not counted: mmu: library on xen_pv: the kernel has "
    printf 'no kernel' >own/tests/bench/mmu.elf
    pvlab bench --build own --only mmu
    ends 5 "not counted: mmu: library on xen_pv: ERROR: "
    says "once more: mmu: library on xen_pv: ERROR: "
    echo mine >json
    pvlab bench --build own --only mmu --json json
    ends 5 "1 boots failed, nothing is written; what was counted is kept"
    [ "$(cat json)" = mine ] || fail "written: $(cat json)"
}

@test "bench: one at a time in a folder" {
    own_build
    mkdir -p own/bench
    flock own/bench/lock sleep 20 &
    wait_until test -e own/bench/lock
    wait_until pgrep -P $!
    pvlab bench --build own --only start --on native
    kill $!
    ends 4 "pvlab bench: another one counts in own/bench"
}

@test "bench: interrupted, it leaves no half and no process" {
    own_build
    start bench --build own --only start --on native --json whole
    wait_until grep -q "^\[1/2\]" err
    wait_until test -s own/bench/logs/native.log
    kill -TERM "$pid"
    finish
    ends 130 "pvlab bench: interrupted; what was counted is kept"
    [ ! -e whole ] || fail "half a file"
    wait_until no_descendant
}
