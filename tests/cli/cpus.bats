#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --cpus: the guest has as many, as ACPI or Xen tells it.
#
# Damage tried: "-smp" of one CPU in lab/qemu/qemu.c; vcpus=1 in lab/outer/xl_config.c.

load helpers

# counts N, on each of PLATFORM...
counts() {
    local cpus=$1 list
    shift
    list=$(IFS=, && echo "$*")
    LIMIT=110 pvlab matrix "$GUESTS/cpus.elf" --on "$list" --cpus "$cpus" --logs "$LOGS"
    ends 0
    for platform in "$@"; do
        grep -aq "INFO cpus=${cpus}[^0-9]*$" "$LOGS/$platform.log" ||
            fail "$platform: not $cpus CPUs"
    done
}

@test "cpus: QEMU's and a dom0's" {
    counts 1 native
    counts 4 native native~pc xen_pv xen_pvh
    counts 8 native native~pc
}

@test "cpus: nested ones and a domU's" {
    counts 2 kvm hyperv vmware native~x2apic xen_domu_pvh
    counts 8 kvm
}

@test "cpus: what cannot be is said" {
    pvlab run xen_pvh "$GUESTS/cpus.elf" --cpus 129
    ends 3 "SKIP xen_pvh: Xen gives a PVH or HVM domain 128 CPUs at most"
}
