#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The cache: read-only, another user's, and two runs that want the same.

load helpers
load fake-debian

teardown() {
    rm -rf "${place-}"
    leaves_nothing
}

@test "cache: two runs at once fetch once, each is right" {
    local first second
    needs xen
    fake_debian 2
    env "$MARK" "$PVLAB" run xen_pv "$GUESTS/pass.elf" --logs one </dev/null \
        >out1 2>err1 3>&- &
    first=$!
    wait_until test -s downloads
    env "$MARK" "$PVLAB" run xen_pv "$GUESTS/fail.elf" --logs two </dev/null \
        >out2 2>err2 3>&- &
    second=$!
    status=0
    wait "$first" || status=$?
    stderr=$(cat err1)
    ends 0 "pvlab: fetching xen from Debian's packages"
    status=0
    wait "$second" || status=$?
    stderr=$(cat err2)
    ends 5 "pvlab: waiting for xen: another pvlab is fetching"
    [ "$(wc -l <downloads)" -eq 1 ] || fail "it was fetched twice"
    [ "$(ls cache | wc -l)" -eq 2 ] || fail "not just the lock and Xen"
}

@test "cache: when the first run fails, the waiting one fetches" {
    needs xen
    fake_debian 2
    start run xen_pv "$GUESTS/pass.elf"
    wait_until test -s downloads
    (
        sleep 0.5
        kill -TERM "$pid"
    ) 3>&- &
    pvlab run xen_pv "$GUESTS/pass.elf"
    ends 0 "pvlab: waiting for xen"
    finish
    ends 143
    [ "$(wc -l <downloads)" -eq 2 ] || fail "not fetched anew"
}

# Tried: fetched() asked before the kernel's doors.
@test "cache: nothing is fetched for a boot that cannot be" {
    needs xen
    fake_debian
    pvlab run xen_pv "$GUESTS/pass-32.elf"
    ends 3 "SKIP xen_pv: the kernel has "
    pvlab run xen_pv "$GUESTS/missing.elf"
    ends 4 "ERROR xen_pv: $GUESTS/missing.elf: "
    [ ! -e downloads ] || fail "fetched: $(cat downloads)"
    [ ! -e cache ] || fail "there is a cache: $(ls cache)"
}

# Two runs of the same guest have logs of their own.
@test "cache: two runs at once, each with its own logs" {
    start run native "$GUESTS/pass.elf" --json one.json
    pvlab run native "$GUESTS/fail.elf" --json two.json
    ends 5
    finish
    ends 0
    [ "$(ls state/pvlab | wc -l)" -eq 2 ] || fail "one folder for two"
    grep -q '"verdict": "PASS"' one.json
    grep -q '"verdict": "FAIL"' two.json
}

@test "cache: read-only, the component is there" {
    needs xen
    mkdir cache
    cp -r "$CACHE"/xen-* cache/
    mount --bind cache cache 2>/dev/null || skip "cannot mount here"
    mount -o remount,bind,ro cache
    PVLAB_CACHE=$HERE/cache pvlab run xen_pv "$GUESTS/pass.elf"
    umount cache
    ends 0
}

@test "cache: read-only, the component is absent" {
    mkdir cache
    mount --bind cache cache 2>/dev/null || skip "cannot mount here"
    mount -o remount,bind,ro cache
    PVLAB_CACHE=$HERE/cache pvlab run xen_pv "$GUESTS/pass.elf"
    umount cache
    ends 3 "SKIP xen_pv: cannot write the cache folder $HERE/cache: Read-only file system"
}

@test "cache: a file is in its place" {
    : >cache
    PVLAB_CACHE=$HERE/cache pvlab run xen_pv "$GUESTS/pass.elf"
    ends 3 "SKIP xen_pv: cannot write the cache folder $HERE/cache: Not a directory"
}

@test "cache: another user's, as a user without rights" {
    local cache
    umask 022
    [ "$(id -u)" -eq 0 ] || skip "only root can become another user"
    needs xen
    place=$(mktemp -d "${BATS_RUN_TMPDIR%/*}/another-user.XXXXXX")
    chmod 755 "$place"
    mkdir "$place/full" "$place/empty"
    cp -r "$CACHE"/xen-* "$place/full/"
    install -d -o nobody "$place/own"
    cp -r "$(dirname "$PVLAB")/../libexec" "$place/"
    mkdir "$place/bin"
    cp "$PVLAB" "$place/bin/"
    cp "$GUESTS/pass.elf" "$place/"
    for cache in full empty; do
        run --separate-stderr setpriv --reuid nobody --regid nogroup \
            --clear-groups env -C "$place" "$MARK" TMPDIR="$place/own" \
            XDG_STATE_HOME="$place/own" PVLAB_CACHE="$place/$cache" \
            timeout 60 bin/pvlab run xen_pv pass.elf </dev/null
        case $cache in
        full) ends 0 ;;
        empty) ends 3 "SKIP xen_pv: cannot write the cache folder $place/empty: Permission denied" ;;
        esac
        [ "$(ls "$place/own")" = pvlab ] || fail "a temporary folder is left"
    done
}
