#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Files that are no kernel, or are not there: ERROR with what and where.

load helpers

# error FILE TEXT
error() {
    pvlab run native "$1"
    ends 4 "ERROR native: $1: $2"
    [ -z "$output" ] || fail "something was booted"
}

@test "kernel: an ELF cut off anywhere" {
    local size end
    end=$(stat -c %s "$GUESTS/pass.elf")
    for size in 1 3 4 5 16 63 64 65 120 1000 4096 8192 $((end / 2)) \
        $((end - 1)); do
        head -c "$size" "$GUESTS/pass.elf" >cut
        pvlab run native cut
        ends 4 "ERROR native: cut: "
        [ -z "$output" ] || fail "cut to $size bytes it was booted"
    done
    cp "$GUESTS/pass.elf" cut
    pvlab run native cut
    ends 0
}

@test "kernel: a text file, an empty file" {
    echo "not a kernel" >text
    : >empty
    error text "text file, not a kernel"
    error empty "file is empty"
}

@test "kernel: no file" {
    mkdir folder
    mkfifo pipe
    error folder "is a directory"
    error missing "cannot be opened: No such file or directory"
    error pipe "is not a regular file"
    error /dev/zero "is not a regular file"
}

@test "kernel: an ELF program" {
    cp "$(type -P true)" program
    error program "ELF is a program for an operating system and has no boot note"
}

@test "kernel: packed with gzip" {
    gzip -c "$GUESTS/pass.elf" >packed.gz
    error packed.gz "file is packed with gzip: unpack it first"
}

@test "kernel: files beside it are missing" {
    local option name
    for option in initrd module disk iso; do
        case $option in
        iso) name="ISO" ;;
        *) name=$option ;;
        esac
        pvlab run native "$GUESTS/pass.elf" "--$option" nowhere
        ends 4 "ERROR native: cannot read the $name nowhere: No such file or directory"
        [ -z "$output" ] || fail "booted without its $option"
    done
}

@test "kernel: a command line of two lines" {
    pvlab run native "$GUESTS/big.elf" --append $'one\ntwo'
    ends 4 "ERROR native: --append has a line break in it"
    [ -z "$output" ] || fail "it was booted"
}

@test "kernel: more memory than there is" {
    pvlab run native "$GUESTS/pass.elf" --mem 1048576
    if [ "$status" -eq 0 ]; then
        skip "this machine gives 1 TiB away"
    fi
    ends 4 "annot allocate memory"
}
