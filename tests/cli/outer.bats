#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# An outer system that QEMU itself ends while it serves a guest.

load helpers

# The QEMU that ends with a failed assertion as soon as a guest is started, as
# often as $1 says, and is the real one after that.
failing_qemu() {
    mkdir "$HERE/bin"
    echo "$1" >"$HERE/times"
    cat >"$HERE/bin/qemu-system-x86_64" <<'EOF'
#!/bin/bash
real=$(PATH=${PATH#*:} command -v qemu-system-x86_64)
times=$(cat "$HERE/times")
if [ "$times" -eq 0 ] || [[ " $* " == *" -version "* ]]; then
    exec "$real" "$@"
fi
echo $((times - 1)) >"$HERE/times"
rm -f "$LOGS/kvm.lab.log"
"$real" "$@" <&0 &
until grep -q '^# ' "$LOGS/kvm.lab.log" 2>/dev/null; do
    sleep 0.05
done
kill -9 $!
wait $! 2>/dev/null
echo "ERROR:../../accel/tcg/tcg-accel-ops.c:79:tcg_handle_interrupt:" \
    "assertion failed: (qemu_mutex_iothread_locked())" >&2
exit 134
EOF
    chmod +x "$HERE/bin/qemu-system-x86_64"
    PATH=$HERE/bin:$PATH
    export HERE LOGS PATH
}

@test "outer: a guest that an assertion of QEMU's ended is booted once more" {
    needs linux
    failing_qemu 1
    pvlab matrix "$GUESTS/pass.elf" --on kvm --logs "$LOGS"
    ends 0
    says "kvm: once more: an assertion of QEMU's"
    [ "$(cat times)" -eq 0 ] || fail "the failing QEMU was not started"
    grep -q '^# the second boot: of the first, the outer system ended: ERROR:' \
        "$LOGS/kvm.lab.log" || fail "the log does not tell of the first boot"
}

@test "outer: one that QEMU ends twice is an error" {
    needs linux
    failing_qemu 2
    pvlab matrix "$GUESTS/pass.elf" --on kvm --logs "$LOGS"
    ends 4
    [[ $output == *"(qemu_mutex_iothread_locked())"* ]] || fail "no cause"
    [ "$(cat times)" -eq 0 ] || fail "it was not booted twice"
}
