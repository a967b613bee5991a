#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# pvlab.yaml: mistakes have a line and a column, and nothing is booted.

load helpers

@test "config: a key that is none" {
    printf 'kernel: k\ntimeout: 5\nplatfroms: [native]\n' >pvlab.yaml
    pvlab matrix
    one_sentence 2 "pvlab.yaml:3:1: unknown key 'platfroms'; did you mean 'platforms'?"
}

@test "config: a value that is none" {
    printf 'kernel: k\ntimeout: soon\n' >pvlab.yaml
    pvlab matrix
    one_sentence 2 "pvlab.yaml:2:10: 'timeout' wants a whole number from 1 to 86400, not 'soon'"
}

@test "config: broken YAML" {
    printf 'kernel: k\nplatforms: [native\n' >pvlab.yaml
    pvlab matrix
    one_sentence 2 "pvlab.yaml:3:1: "
}

@test "config: a platform that is none" {
    printf 'kernel: k\nplatforms: [native, kmv]\n' >pvlab.yaml
    pvlab matrix
    one_sentence 2 "pvlab.yaml:2:21: "
    says "kmv"
}

@test "config: list and run read it too" {
    printf 'kernle: k\n' >pvlab.yaml
    pvlab list
    one_sentence 2 "pvlab.yaml:1:1: unknown key 'kernle'"
    pvlab run native "$GUESTS/pass.elf"
    one_sentence 2 "pvlab.yaml:1:1: unknown key 'kernle'"
}

@test "config: --config names a missing file" {
    pvlab matrix "$GUESTS/pass.elf" --config nowhere.yaml
    one_sentence 2 "nowhere.yaml: No such file or directory"
    pvlab list --config nowhere.yaml
    one_sentence 2 "nowhere.yaml: No such file or directory"
}

@test "config: no kernel, neither there nor on the command line" {
    printf 'platforms: [native]\n' >pvlab.yaml
    pvlab matrix
    one_sentence 2 "no kernel is named: neither on the command line nor in pvlab.yaml"
}

@test "config: matrix alone boots what it says, where it says" {
    cat >pvlab.yaml <<END
kernel: $GUESTS/pass.elf
platforms: [native, kvm]
on:
  kvm:
    skip: not today
END
    pvlab matrix
    [ "$status" -eq 3 ] || fail "the worst is SKIP"
    [[ $output == *"SKIP kvm: not today"* ]] || fail "no reason"
    [[ $output == *"1 passed, 1 skipped in"* ]] || fail "no sum"
}
