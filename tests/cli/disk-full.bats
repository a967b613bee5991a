#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# No space left: a sentence that names the file, and what was there stays.

load helpers
load fake-debian

teardown() {
    if mountpoint -q full; then
        umount -l full
    fi
    leaves_nothing
}

@test "disk full: the log folder" {
    small_disk full size=32k
    pvlab run native "$GUESTS/flood.elf" --logs full
    umount full
    ends 4 "ERROR native: cannot write the log full/native.log: No space left on device"
}

@test "disk full: the log folder cannot even be made" {
    small_disk full size=32k,nr_inodes=1
    pvlab run native "$GUESTS/pass.elf" --logs full/logs
    umount full
    one_sentence 4 "pvlab: cannot make the log folder full/logs: No space left on device"
}

@test "disk full: TMPDIR, when it must hold a file" {
    small_disk full size=32k
    head -c 1000000 /dev/zero >module
    TMPDIR=$HERE/full pvlab run native "$GUESTS/pass.elf" --initrd module
    [ -z "$(ls full)" ] || fail "a temporary folder is left"
    umount full
    ends 4 "ERROR native: cannot write $HERE/full/pvlab-"
    says "initrd-0: No space left on device"
}

@test "disk full: TMPDIR takes no folder" {
    small_disk full size=32k,nr_inodes=1
    TMPDIR=$HERE/full pvlab run native "$GUESTS/pass.elf"
    umount full
    one_sentence 4 "pvlab: cannot make a temporary folder $HERE/full/pvlab-"
    says "No space left on device"
}

@test "disk full: TMPDIR is not there" {
    TMPDIR=$HERE/nowhere pvlab run native "$GUESTS/pass.elf"
    one_sentence 4 "pvlab: cannot make a temporary folder $HERE/nowhere/pvlab-"
}

@test "disk full: the cache, and nothing half is left" {
    needs xen
    fake_debian
    small_disk full size=256k
    PVLAB_CACHE=$HERE/full pvlab matrix "$GUESTS/pass.elf" --on native,xen_pv
    [ "$(ls full)" = lock ] || fail "left in the cache: $(ls full)"
    umount full
    [ "$status" -eq 3 ] || fail "the worst is SKIP"
    [[ $output == *"SKIP xen_pv: cannot fetch xen from Debian: "* ]] ||
        fail "no reason"
    output=$(printf '%s' "$output" | tr -s '\n ' '  ')
    [[ $output == *"No space left on device"* ]] || fail "no cause"
}

# An earlier run's reports are replaced by whole ones, or not at all.
@test "disk full: reports of an earlier run stay" {
    local form
    small_disk full size=16k
    for form in json junit; do
        pvlab run native "$GUESTS/pass.elf" "--$form" "full/last.$form"
        ends 0
        cp "full/last.$form" "before.$form"
    done
    cat /dev/zero >full/rest 2>/dev/null || true
    for form in json junit; do
        pvlab run native "$GUESTS/fail.elf" "--$form" "full/last.$form"
        ends 5 "pvlab: cannot write full/last.$form: No space left on device"
        cmp "full/last.$form" "before.$form"
    done
    [ "$(ls full | wc -l)" -eq 3 ] || fail "left: $(ls full)"
    pvlab run native "$GUESTS/pass.elf" --json full/last.json
    umount full
    ends 4 "pvlab: cannot write full/last.json"
}

# RLIMIT_FSIZE comes with a signal whose default is to end the process.
@test "disk full: a limit on the size of files" {
    run --separate-stderr env "$MARK" sh -c \
        'ulimit -f 8 && exec timeout 60 "$@"' sh "$PVLAB" run native \
        "$GUESTS/flood.elf" --logs logs </dev/null
    ends 4 "ERROR native: cannot write the log logs/native.log: "
}
