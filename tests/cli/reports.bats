#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is written about a run: JSON, JUnit XML, TAP, the table; and the exit
# status, which is the worst verdict.

load helpers

# is FILE EXPRESSION VALUE...: of the JSON document, as Python's d.
is() {
    python3 -c 'import json, sys
with open(sys.argv[1]) as file:
    d = json.load(file)
for expression, wanted in zip(sys.argv[2::2], sys.argv[3::2], strict=True):
    value = str(eval(expression))
    if value != wanted:
        sys.exit(f"{expression} is {value}, not {wanted}")' "$@" ||
        fail "the JSON is not as it should be"
}

@test "report: verdict and exit status of each kind of guest" {
    local row guest verdict code
    for row in pass:PASS:0 skip:SKIP:3 error:ERROR:4 fail:FAIL:5 \
        poweroff:CRASH:6; do
        IFS=: read -r guest verdict code <<<"$row"
        pvlab run native "$GUESTS/$guest.elf" --json r.json --junit r.xml \
            --logs logs
        [ "$status" -eq "$code" ] || fail "$guest: exit status is not $code"
        is r.json "len(d['results'])" 1 \
            "d['results'][0]['platform']" native \
            "d['results'][0]['verdict']" "$verdict" \
            "d['results'][0]['log']" logs/native.log \
            "d['kernel']['path']" "$GUESTS/$guest.elf" \
            "d['kernel']['sha256']" "$(sha256sum <"$GUESTS/$guest.elf" | cut -d ' ' -f 1)"
        [ "$(xmllint --xpath 'count(//testsuite)' r.xml)" = 1 ] ||
            fail "$guest: not one testsuite"
    done
}

@test "report: counts and reasons of failed checks" {
    pvlab run native "$GUESTS/fail.elf" --json r.json --junit r.xml
    ends 5 "FAIL native: "
    is r.json "d['results'][0]['passed']" 1 "d['results'][0]['failed']" 1 \
        "d['results'][0]['hypervisor']" none
    [ "$(xmllint --xpath 'count(//failure)' r.xml)" -ge 1 ] || fail "no failure"
    pvlab run native "$GUESTS/pass.elf" --junit r.xml
    [ "$(xmllint --xpath 'count(//failure | //error | //skipped)' r.xml)" = 0 ] ||
        fail "a PASS is no failure"
    pvlab run native "$GUESTS/skip.elf" --junit r.xml
    [ "$(xmllint --xpath 'count(//skipped)' r.xml)" -ge 1 ] || fail "no skip"
    pvlab run native "$GUESTS/poweroff.elf" --junit r.xml
    [ "$(xmllint --xpath 'count(//failure | //error)' r.xml)" -ge 1 ] ||
        fail "a CRASH is not told"
}

@test "report: TAP, as Perl's prove reads it" {
    local guest
    pvlab run native "$GUESTS/pass.elf" --tap
    [ "${lines[0]}" = "TAP version 13" ] || fail "no version"
    [[ $output == *"1..1"* ]] || fail "no plan"
    [[ $output == *"ok 1 - native"* ]] || fail "no test point"
    [[ $output != *"PVLAB"* ]] || fail "the console is among it"
    for guest in fail skip poweroff pass; do
        pvlab run native "$GUESTS/$guest.elf" --tap
        printf '%s\n' "$output" >tap
        case $guest in
        fail | poweroff) ! prove -e cat tap || fail "prove passed $guest" ;;
        *) prove -e cat tap || fail "prove failed $guest" ;;
        esac
    done
    grep -qF "ok 1" tap
}

@test "report: matrix, and the worst is the exit status" {
    cat >pvlab.yaml <<END
platforms: [native, "native~pc", kvm]
on:
  native:
    kernel: $GUESTS/pass.elf
  native~pc:
    kernel: $GUESTS/fail.elf
  kvm:
    skip: not today
END
    pvlab matrix --json r.json --junit r.xml
    [ "$status" -eq 5 ] || fail "the worst is FAIL"
    is r.json "[r['verdict'] for r in d['results']]" "['PASS', 'FAIL', 'SKIP']"
    is r.json "d['results'][2]['reason']" "not today"
    [ "$(xmllint --xpath 'count(//testsuite)' r.xml)" = 3 ] || fail "suites"
    [[ $output == *"1 passed, 1 failed, 1 skipped in "* ]] || fail "no sum"
}

@test "report: --repeat shows each" {
    local n
    pvlab matrix "$GUESTS/pass.elf" --on native --repeat 5 --json r.json \
        --logs logs
    [ "$status" -eq 0 ] || fail "no PASS"
    for n in 1 2 3 4 5; do
        [[ $output == *"native #$n"* ]] || fail "the table lacks #$n"
        grep -q "^PVLAB END" "logs/native.$n.log"
    done
    is r.json "[r['repeat'] for r in d['results']]" "[1, 2, 3, 4, 5]"
    [[ $output == *"5 passed in "* ]] || fail "no sum"
}

@test "report: to standard output's device" {
    pvlab matrix "$GUESTS/pass.elf" --on native --json /dev/stdout
    [[ $output == *'"verdict": "PASS"'* ]] || fail "no JSON"
    [[ $output == *"1 passed in "* ]] || fail "the table is lost"
}

@test "list: each platform is ready or missing" {
    pvlab list
    [ "$status" -eq 0 ] || fail "list failed"
    [ "$(printf '%s\n' "$output" | grep -cE '^[a-z].* (ready|missing) ')" -eq \
        "$(printf '%s\n' "$output" | grep -c '^[a-z]')" ] || fail "neither"
    printf '%s\n' "$output" >text
    [ -z "$(awk 'length > 80' text)" ] || fail "a line is too long"
    pvlab list --json
    [ "$status" -eq 0 ] || fail "list --json failed"
    printf '%s\n' "$output" >l.json
    is l.json "len(d)" "$(grep -c '^[a-z]' text)" \
        "all(p['ready'] or p['missing'] for p in d)" True \
        "[p['platform'] for p in d if p['custom']]" "[]" \
        "[len(p['partial']) > 10 for p in d if p['partial']]" "[True, True]"
}
