#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# pvlab sites: call sites, what sealing makes of them, and files that have none.
#
# Tried: another length in x86/body.h's table, pvi_site_direct() without the
# site's own length, native forms added to a backend's own, a record's distance
# without its sign, longer lines, pointers of 64 bits in a 32-bit ELF: each
# fails here.

load helpers

# The reference kernel of the same build, in both widths.
PVK=$(dirname "$(realpath "${PVLAB:?the path of the built pvlab}")")/../kernel
PVK64=$PVK/x86_64/pvk.elf
PVK32=$PVK/i386/pvk.elf

# sites FILE: its report as JSON in "json".
sites() {
    pvlab sites "$1" --json
    ends 0
    [ -z "$stderr" ] || fail "something is on stderr"
    echo "$output" >json
}

# query EXPRESSION: of the JSON, in Python's words; 'd' is the document.
query() {
    python3 -c "
import json
d = json.load(open('json'))
sealed = {}
for s in d['sites']:
    for f in s['sealed']:
        for b in f['backends']:
            sealed.setdefault((s['op'], b), set()).add((f['form'], f['text']))
print($1)"
}

# is WANT EXPRESSION
is() {
    local got
    got=$(query "$2")
    [ "$got" = "$1" ] || fail "$2 is $got, not $1"
}

@test "sites: native forms, 64 bits" {
    sites "$PVK64"
    is 64 "d['bits']"
    is "{('inline', 'cli')}" "sealed['irq.disable', 'native']"
    is "{('inline', 'sti')}" "sealed['irq.enable', 'kvm']"
    is "{('inline', 'pushfq; popq %rax')}" "sealed['irq.save_flags', 'hyperv']"
    is "{('inline', 'movq %cr2, %rax')}" "sealed['mmu.read_cr2', 'vmware']"
    is "{('inline', 'movq %rdi, %cr3')}" "sealed['mmu.write_cr3', 'xen_hvm']"
    is "{('nothing', 'nopw (%rax, %rax)')}" "sealed['cpu.entry', 'native']"
    is "{('inline', 'iretq')}" "sealed['cpu.iret', 'native']"
    is "['native', 'hyperv', 'kvm', 'vmi', 'vmware', 'xen_hvm', 'xen_pv']" \
        "d['backends']"
    is "{'rom'}" "{form for op, backend in sealed if backend == 'vmi'
        for form, text in sealed[op, backend]}"
}

@test "sites: native forms, 32 bits, and no Xen PV" {
    sites "$PVK32"
    is 32 "d['bits']"
    is "{('inline', 'cli')}" "sealed['irq.disable', 'native']"
    is "{('inline', 'pushfl; popl %eax')}" "sealed['irq.save_flags', 'native']"
    is "{('inline', 'iretl')}" "sealed['cpu.iret', 'native']"
    is "{('nothing', 'leal (%esi), %esi')}" "sealed['cpu.entry', 'native']"
    is "['native', 'hyperv', 'kvm', 'vmi', 'vmware', 'xen_hvm']" "d['backends']"
}

@test "sites: Xen PV is called, never native" {
    sites "$PVK64"
    is "['cpu.entry', 'cpu.swapgs']" "[op for op, backend in sealed if backend == 'xen_pv'
        and 'direct' not in [form for form, text in sealed[op, backend]]]"
    is "{('inline', 'popq %rcx; popq %r11')}" "sealed['cpu.entry', 'xen_pv']"
    is "{('direct', 'jmp pvi_xen_pv_iret')}" "sealed['cpu.iret', 'xen_pv']"
    is "[('direct', 'call pvi_xen_pv_boot_disable'), ('direct', 'call pvi_xen_pv_disable')]" \
        "sorted(sealed['irq.disable', 'xen_pv'])"
}

# The kernel's own tools tell the same: addresses, calls, and how many.
@test "sites: addresses and bytes are what objdump shows" {
    local kernel
    for kernel in "$PVK64" "$PVK32"; do
        sites "$kernel"
        objdump -d -w "$kernel" |
            sed -n 's/^ *\([0-9a-f]*\):	\(ff [12]5 [0-9a-f ]*\)	.*/\1 \2/p' |
            sed 's/ //2g' | sort >calls
        query "'\n'.join(sorted(s['address'][2:] + ' ' + s['now']['bytes']
            for s in d['sites']))" >recorded
        [ -s recorded ] || fail "no site"
        [ -z "$(comm -13 calls recorded)" ] ||
            fail "no call: $(comm -13 calls recorded)"
        size=$(objdump -h "$kernel" | awk '$2 == ".pvops_sites" { print $3 }')
        is $((0x$size / 4)) "len(d['sites'])"
        is $((0x$size / 4)) "sum(o['sites'] for o in d['ops'])"
    done
}

# A direct call leads from its site to the function, as objdump decodes it.
@test "sites: a direct call's bytes, decoded by objdump" {
    sites "$PVK64"
    query "'\n'.join('%s %s %s' % (s['address'], f['bytes'], f['function'])
        for s in d['sites'] for f in s['sealed'] if f['form'] == 'direct')" |
        sort -R --random-source="$PVK64" | head -n 20 >direct
    [ "$(wc -l <direct)" -eq 20 ] || fail "not 20 direct calls"
    while read -r address bytes function; do
        python3 -c "import sys
sys.stdout.buffer.write(bytes.fromhex('$bytes'))" >code
        objdump -D -b binary -m i386:x86-64 --adjust-vma="$address" code >listing
        [ "$(grep -cE "addr32 (call|jmp) +$function$" listing)" -eq 1 ] ||
            fail "$address $bytes $function: $(cat listing)"
    done <direct
}

@test "sites: the report, at 80 columns" {
    pvlab sites "$PVK64"
    ends 0
    [ -z "$stderr" ] || fail "something is on stderr"
    [ "$(awk 'NR > 1 && length > 80' <<<"$output")" = "" ] || fail "too wide"
    grep -q '^0x[0-9a-f]* .*: irq.disable, quick$' <<<"$output" ||
        fail "no site of irq.disable"
    grep -q '^ *2e 2e 2e 2e 2e fa  cli$' <<<"$output" || fail "no CLI"
    grep -qE '^irq.disable +quick +[0-9]+  cli$' <<<"$output" ||
        fail "no summary"
}

error() {
    pvlab sites "$1"
    one_sentence 4 "$1: $2"
    pvlab sites "$1" --json
    one_sentence 4 "$1: $2"
}

@test "sites: no ELF, no file, no records, no symbols" {
    error missing "cannot be opened"
    mkdir folder
    error folder "is a directory"
    echo text >text
    error text "no ELF: call sites are read from the ELF"
    error "$GUESTS/pass.elf" "no call sites are recorded"
    objcopy --strip-all "$PVK64" stripped
    error stripped "ELF is stripped: which op"
    objcopy --strip-symbol pvops_irq_table "$PVK64" no-table
    error no-table "ELF has no symbol 'pvops_irq_table'"
    objcopy --strip-symbol pvi_native_irq_disable "$PVK64" no-native
    error no-native "ELF has no symbol 'pvi_native_irq_disable'"
    objcopy --rename-section .pvops_sites=.gone "$PVK64" no-section
    error no-section "no call sites are recorded"
    echo 'void f(void) {}' | gcc -x c -c -o object.o -
    error object.o "ELF is a relocatable object"
}

# patch FILE SECTION-OFFSET BYTES: in the section of records.
patch_record() {
    local offset
    offset=$(readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\] *//' |
        awk '$1 == ".pvops_sites" { print $4 }')
    printf '%b' "$3" | dd of="$1" bs=1 seek=$((0x$offset + $2)) conv=notrunc status=none
}

@test "sites: a record that leads elsewhere is shown, and FAIL" {
    cp "$PVK64" bad
    patch_record bad 8 '\x01\x00\x00\x00'
    pvlab sites bad
    ends 5
    [[ $output == *"record 2 leads here, and this is no call site"* ]] ||
        fail "the record is not named"
    [[ $output == *"1 records lead to no call site"* ]] || fail "no sum"
    pvlab sites bad --json
    ends 5
    echo "$output" >json
    is 1 "d['problems']"
    is "[None]" "[s['op'] for s in d['sites'] if s['op'] is None]"
    cp "$PVK64" wild
    patch_record wild 0 '\x00\x00\x00\x80'
    pvlab sites wild
    ends 5
}

@test "sites: records that are cut off" {
    python3 - "$PVK64" <<'END'
import struct, sys
b = bytearray(open(sys.argv[1], 'rb').read())
shoff, = struct.unpack_from('<Q', b, 40)
size, count, names = struct.unpack_from('<HHH', b, 58)
def header(i):
    return struct.unpack_from('<IIQQQQ', b, shoff + i * size)
table = header(names)[4]
for i in range(count):
    at = table + header(i)[0]
    if b[at:b.index(0, at)] == b'.pvops_sites':
        struct.pack_into('<Q', b, shoff + i * size + 32, header(i)[5] - 2)
        open('odd', 'wb').write(b)
        struct.pack_into('<Q', b, shoff + i * size + 32, 1 << 24)
        open('huge', 'wb').write(b)
END
    error odd "records of call sites are cut off"
    error huge "records of call sites (16777216 bytes from"
    local size
    for size in 4 64 120 4096 100000; do
        head -c "$size" "$PVK64" >cut
        pvlab sites cut
        one_sentence 4 "cut: "
    done
}

@test "sites: usage" {
    pvlab sites
    one_sentence 2 "sites wants a kernel"
    pvlab sites a b
    one_sentence 2 "nothing is expected after 'a', but 'b' is there"
    pvlab sites "$PVK64" --on native
    ends 2 "unrecognized option '--on'"
}
