# SPDX-License-Identifier: MIT
# What the tests of pvlab's command line share. They run with
#   PVLAB   path of the built pvlab
#   GUESTS  folder of the built guests
# and use the caller's cache for components, fetching into it what it lacks.

bats_require_minimum_version 1.5.0

CACHE=${PVLAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pvlab}

# A folder, TMPDIR and log folder of the test's own (--logs "$LOGS"); MARK is in the
# environment of every process that pvlab starts, and of nothing else.
setup() {
    : "${PVLAB:?the path of the built pvlab}"
    : "${GUESTS:?the folder of the built guests}"
    PVLAB=$(realpath "$PVLAB")
    GUESTS=$(realpath "$GUESTS")
    HERE=$BATS_TEST_TMPDIR
    LOGS=$HERE/logs
    MARK=PVLAB_TEST=$HERE
    export PVLAB GUESTS PVLAB_CACHE=$CACHE TMPDIR=$HERE/tmp
    export XDG_STATE_HOME=$HERE/state NO_COLOR=1 LC_ALL=C
    mkdir "$TMPDIR"
    cd "$HERE" || return
}

teardown() {
    leaves_nothing
}

fail() {
    echo "$*"
    echo "status: ${status-}"
    echo "stdout: ${output-}"
    echo "stderr: ${stderr-}"
    return 1
}

# pvlab ARGUMENT...: sets status, output (stdout) and stderr.
pvlab() {
    run --separate-stderr env "$MARK" timeout -k 5 "${LIMIT:-60}" "$PVLAB" \
        "$@" </dev/null
}

# start ARGUMENT...: the same in the background; stdout in "out", stderr in
# "err", its process id in $pid. Both are emptied first, by this shell: a test
# that starts twice must not read what the first one wrote.
start() {
    : >out
    : >err
    env "$MARK" "$PVLAB" "$@" </dev/null >>out 2>>err 3>&- &
    pid=$!
}

# What was started ends: sets status.
finish() {
    status=0
    wait "$pid" || status=$?
    output=$(cat out)
    stderr=$(cat err)
}

# wait_until COMMAND...: for it to succeed, within a minute.
wait_until() {
    for _ in {1..600}; do
        if "$@" 2>/dev/null; then
            return 0
        fi
        sleep 0.1
    done
    fail "in vain: waited for $*"
}

# ends STATUS [TEXT]: pvlab's exit status, and what it says on stderr, the line
# breaks of the table aside.
ends() {
    [ "$status" -eq "$1" ] || fail "exit status is not $1"
    [ $# -lt 2 ] || says "$2"
}

says() {
    local text
    text=$(printf '%s' "$stderr" | tr -s '\n ' '  ')
    [[ $text == *"$1"* ]] || fail "stderr lacks: $1"
}

# One line on stderr that has TEXT, nothing on stdout.
one_sentence() {
    ends "$1" "$2"
    [ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ] || fail "not one line"
    [ -z "$output" ] || fail "something is on stdout"
}

# Those that pvlab started and that are still there. Others may end while grep
# reads: its exit status tells nothing.
descendants() {
    env -u PVLAB_TEST grep -lsazxF "$MARK" /proc/[0-9]*/environ || true
}

no_descendant() {
    [ -z "$(descendants)" ]
}

# No process, no temporary folder, no mount. (bats looks only at what
# teardown() returns.)
leaves_nothing() {
    for _ in {1..50}; do
        no_descendant && break
        sleep 0.1
    done
    if ! no_descendant; then
        fail "processes are left: $(descendants)"
    elif [ -n "$(ls -A "$TMPDIR")" ]; then
        fail "left in TMPDIR: $(ls "$TMPDIR")"
    elif grep -qF " $HERE" /proc/self/mountinfo; then
        fail "a mount is left"
    fi
}

# lacks TEXT FILE...
lacks() {
    ! grep -qe "$@" || fail "there is: $1"
}

# The newest folder of a component in the caller's cache.
component() {
    find "$CACHE" -maxdepth 1 -name "$1-*" ! -name '*.partial' \
        -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-
}

# needs xen, needs linux: fetched once for all tests, or the test is skipped.
needs() {
    local marker=$BATS_RUN_TMPDIR/$1.tried
    if [ ! -e "$marker" ]; then
        : >"$marker"
        case $1 in
        xen) LIMIT=300 pvlab run xen_pv "$GUESTS/pass.elf" --logs fetch ;;
        linux) LIMIT=300 pvlab run native debian --timeout 1 --logs fetch ;;
        esac
        if [ "$status" -eq 3 ]; then
            echo "$stderr" >"$marker"
        fi
    fi
    [ ! -s "$marker" ] || skip "$1 cannot be fetched here"
}

# small_disk FOLDER OPTIONS: a tmpfs; "umount FOLDER" is the test's.
small_disk() {
    mkdir "$1"
    mount -t tmpfs -o "$2" pvlab-test "$1" 2>/dev/null ||
        skip "a tmpfs cannot be mounted here"
}

# A PATH that has all programs but those.
path_without() {
    local dir
    mkdir programs
    for dir in /usr/sbin /usr/bin /sbin /bin; do
        find "$dir/" -maxdepth 1 ! -type d ! -name "$1" \
            -exec ln -sf -t programs {} +
    done
    echo "$HERE/programs"
}
