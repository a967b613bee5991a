#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Wrong usage: one sentence, exit status 2, and nothing is booted.

load helpers

wrong() {
    local text=$1
    shift
    pvlab "$@"
    one_sentence 2 "$text"
}

@test "usage: a wrong verb" {
    wrong "a verb is missing: list, run, matrix, sites, rom or bench"
    wrong "no verb 'ru'; did you mean 'run'?" ru native k
    wrong "no verb 'boot'; there are list, run, matrix, sites, rom and bench" boot native k
}

@test "usage: arguments missing or too many" {
    wrong "run wants a platform and a kernel" run
    wrong "run wants a platform and a kernel" run native
    wrong "nothing is expected after 'k', but 'x' is there" run native k x
    wrong "nothing is expected after 'list', but 'x' is there" list x
    wrong "no kernel is named" matrix
}

# glibc's own sentence, and where to find help.
@test "usage: an unknown option, an option without its value" {
    pvlab run native k --jsn
    ends 2 "unrecognized option '--jsn'"
    pvlab run native k --append
    ends 2 "option '--append' requires an argument"
}

@test "usage: a wrong platform: the nearest, else the list" {
    wrong "no platform 'natve'; did you mean 'native'?" run natve k
    wrong "no platform 'qqqqqqqq'; there are native, " run qqqqqqqq k
    wrong "vmware, and partial ones (pvlab list)" run qqqqqqqq k
    wrong "no platform 'hyperv~no-hv-sinyc'; did you mean 'hyperv~no-hv-synic'?" \
        run hyperv~no-hv-sinyc k
    wrong "a platform's name is empty" run "" k
}

@test "usage: --on with an unknown, an empty, a doubled name" {
    wrong "no platform 'xen_vp'; did you mean 'xen_pv'?" \
        matrix k --on native,xen_vp
    wrong "a platform's name is empty" matrix k --on ""
    wrong "a platform's name is empty" matrix k --on native,
    wrong "platform 'kvm' is named twice" matrix k --on kvm,native,kvm
    wrong "platform 'kvm' is named twice" matrix k debian --on kvm,native,kvm
    wrong "kernel 'k' is named twice" matrix k debian k --on native
    wrong "at most 8 kernels" matrix 1 2 3 4 5 6 7 8 9 --on native
    wrong "--on belongs to matrix and rom" run native k --on kvm
}

# Before anything is booted: it may be hours.
@test "usage: a report into a folder that is not there" {
    wrong "--json no/such/j: there is no folder no/such/" \
        run native k --json no/such/j
    wrong "--junit k/j: there is no folder k/" matrix k --on native --junit k/j
}

@test "usage: numbers" {
    wrong "--timeout wants a whole number from 1 to 86400, not '0'" \
        run native k --timeout 0
    wrong "--timeout wants a whole number from 1 to 86400, not '1.5'" \
        run native k --timeout 1.5
    wrong "--cpus wants a whole number from 1 to 255, not '256'" \
        run native k --cpus 256
    wrong "--cpus wants a whole number from 1 to 255, not '-1'" \
        run native k --cpus -1
    wrong "--mem wants a whole number from 1 to 1048576, not '99999999999999999999'" \
        run native k --mem 99999999999999999999
    wrong "--repeat wants a whole number from 1 to 100000, not ''" \
        run native k --repeat ""
}

@test "usage: words" {
    wrong "--net wants user, not 'bridge'" run native k --net bridge
    wrong "--accel wants tcg, kvm or auto, not 'hvf'" run native k --accel hvf
}

@test "usage: --expect that is no expression" {
    wrong "--expect '(' is no POSIX extended regular expression" \
        run native k --expect '('
    wrong "--expect '' is empty" run native k --expect ''
    wrong "--expect 'x*' matches the empty text and would match anything" \
        run native k --expect 'x*'
}

@test "usage: --logs" {
    wrong "--logs wants a folder, not ''" run native k --logs ""
    wrong "--logs wants a folder without % in its name, not 'a%d'" \
        run native k --logs a%d
}

@test "usage: a report in the place of an input" {
    echo k >k
    ln k same
    ln -s k link
    wrong "--json same would overwrite what is to be booted: k" \
        run native k --json same
    wrong "--junit k would overwrite what is to be booted: link" \
        run native other --disk link --junit k
    wrong "--json k would overwrite what is to be booted: link" \
        matrix other --on native --module link --json k
}

@test "usage: --gdb" {
    wrong "--gdb wants a whole number from 1 to 65535, not '65536'" \
        run native k --gdb 65536
    wrong "--gdb belongs to a single run" matrix k --gdb 1234
    wrong "--gdb belongs to a single run" run native k --gdb 1234 --repeat 2
}

@test "usage: --from, --to and --symbols without --where" {
    wrong "--from and --to belong to --where" run native k --from a --to b
    wrong "--symbols belongs to --where" run native k --symbols k
    wrong "each --from wants its --to: there are 1 and 0" \
        run native k --where --from a
}
