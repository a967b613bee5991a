/* SPDX-License-Identifier: MIT */
/*
 * Page tables of the shim's slots.
 */
#include "boot/map.h"

#include "abi/cpuid.h"
#include "abi/x86_gate.h"
#include "domain/vcpu.h"
#include "log.h"
#include "mm/memory.h"
#include "mm/table.h"

#include <string.h>

#include <x86/insn.h>
#include <x86/system.h>

#define LARGE_2M 0x200000ull
#define LARGE_1G 0x40000000ull

#define MAP_TABLE  0x23ull /* a table of entries that say more */
#define MAP_TEXT   0x121ull
#define MAP_DEVICE (MAP_DATA | 0x18) /* PCD, PWT */

extern const uint8_t shim_begin[], shim_text_end[], shim_rodata_end[],
    shim_end[], syscall_stub[], syscall_stub_end[];

uint64_t map_zero_page, map_root;
uint64_t m2p_machine;

static uint64_t reserve_next, reserve_end;
static uint64_t *tables_l1; /* of SHIM_TABLES */
static uint64_t device_next = SHIM_DEVICES;

void memory_reserve(uint64_t begin, uint64_t bytes)
{
    reserve_next = begin;
    reserve_end = begin + bytes;
}

uint64_t memory_take(uint64_t bytes)
{
    uint64_t at = reserve_next;

    bytes = (bytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    if (bytes > reserve_end - at)
        shim_failed("its own memory is used up");
    reserve_next += bytes;
    memset(memory_at(at), 0, bytes);
    return at;
}

static uint64_t *slot_table(uint64_t *table, unsigned index, uint64_t flags)
{
    if (!table[index])
        table[index] = memory_take(PAGE_BYTES) | flags;
    return memory_at(table[index] & X86_PTE_ADDRESS);
}

/* The entry for 'address' at the level of 'bits': 12, 21, 30. */
static uint64_t *entry_at(uint64_t address, unsigned bits, uint64_t flags)
{
    uint64_t *table = memory_at(map_root);
    unsigned shift = 39;

    while (shift > bits) {
        table = slot_table(table, address >> shift & 511, flags);
        shift -= 9;
    }
    return &table[address >> bits & 511];
}

static void map_pages(uint64_t address, uint64_t machine, uint64_t bytes,
                      uint64_t flags)
{
    for (uint64_t i = 0; i < bytes; i += PAGE_BYTES)
        *entry_at(address + i, PAGE_BITS, MAP_TABLE) = (machine + i) | flags;
}

static uint64_t loaded(const uint8_t *at)
{
    return (uintptr_t)at - SHIM_TEXT + SHIM_LOADED;
}

static void map_self(void)
{
    map_pages((uintptr_t)shim_begin, loaded(shim_begin),
              (uint64_t)(shim_text_end - shim_begin), MAP_TEXT);
    map_pages((uintptr_t)shim_text_end, loaded(shim_text_end),
              (uint64_t)(shim_rodata_end - shim_text_end), MAP_READ);
    map_pages((uintptr_t)shim_rodata_end, loaded(shim_rodata_end),
              (uint64_t)(shim_end - shim_rodata_end), MAP_DATA);
}

static void map_direct(uint64_t ram_end)
{
    bool huge =
        x86_cpuid(CPUID_EXTENDED_FEATURES, 0).edx & CPUID_EXTENDED_EDX_1GIB;
    uint64_t step = huge ? LARGE_1G : LARGE_2M;

    /* Tables of ACPI may be anywhere below. */
    if (ram_end < 4 * LARGE_1G)
        ram_end = 4 * LARGE_1G;
    for (uint64_t at = 0; at < ram_end; at += step)
        *entry_at(SHIM_DIRECT + at, huge ? 30 : 21, MAP_TABLE) =
            at | MAP_DATA | X86_PTE_LARGE;
}

/*
 * Read-only for everybody: the shim writes by its direct map. Not global, since
 * user mode's roots are without it: table_show_m2p().
 */
static void map_m2p(uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes; at += LARGE_2M)
        *entry_at(M2P_BEGIN + at, 21, MAP_TABLE | X86_PTE_USER) =
            ((m2p_machine + at) | MAP_READ | X86_PTE_USER | X86_PTE_LARGE) &
            ~X86_PTE_GLOBAL;
}

static void map_area(unsigned cpu)
{
    uint64_t area = SHIM_CPUS + (uint64_t)cpu * AREA_BYTES;
    uint64_t stub = memory_take(PAGE_BYTES);

    memcpy(memory_at(stub), syscall_stub,
           (size_t)(syscall_stub_end - syscall_stub));
    map_pages(area + AREA_STUB, stub, PAGE_BYTES, MAP_TEXT);
    map_pages(area + AREA_NMI - PAGE_BYTES, memory_take(PAGE_BYTES), PAGE_BYTES,
              MAP_DATA);
    map_pages(area + AREA_FAULT - PAGE_BYTES, memory_take(PAGE_BYTES),
              PAGE_BYTES, MAP_DATA);
    map_pages(area + AREA_DEBUG - PAGE_BYTES, memory_take(PAGE_BYTES),
              PAGE_BYTES, MAP_DATA);
    map_pages(area + AREA_STACK, memory_take(AREA_BYTES - AREA_STACK),
              AREA_BYTES - AREA_STACK, MAP_DATA);
}

static void map_tables(unsigned cpus)
{
    unsigned a_cpu = TABLES_BYTES / PAGE_BYTES;

    tables_l1 = memory_at(memory_take((uint64_t)cpus * a_cpu * 8));
    for (unsigned i = 0; i < cpus * a_cpu; i += TABLE_ENTRIES)
        *entry_at(SHIM_TABLES + (uint64_t)i * PAGE_BYTES, 21, MAP_TABLE) =
            memory_machine(&tables_l1[i]) | MAP_TABLE;
    for (unsigned i = 0; i < cpus * a_cpu; i++)
        tables_l1[i] = map_zero_page | MAP_READ;
    for (unsigned i = 0; i < cpus; i++)
        *map_tables_entry(i, FIRST_RESERVED_GDT_PAGE) =
            memory_take(PAGE_BYTES) | MAP_DATA;
}

uint64_t *map_tables_entry(unsigned cpu, unsigned page)
{
    return &tables_l1[cpu * (TABLES_BYTES / PAGE_BYTES) + page];
}

void map_build(uint64_t ram_end, uint64_t m2p_bytes, unsigned cpus)
{
    const uint64_t *root;

    if (ram_end > SHIM_DIRECT_BYTES)
        boot_failed("there is more memory than 5 TiB");
    map_zero_page = memory_take(PAGE_BYTES);
    map_root = memory_take(PAGE_BYTES);
    map_self();
    map_direct(ram_end);
    map_m2p(m2p_bytes);
    map_tables(cpus);
    for (unsigned i = 0; i < cpus; i++)
        map_area(i);
    /* A table for it while there are still tables to be made. */
    (void)entry_at(SHIM_DEVICES, PAGE_BITS, MAP_TABLE);
    root = memory_at(map_root);
    for (unsigned i = 0; i < 16; i++)
        table_shim_slots[i] = root[SHIM_SLOT_FIRST + i];
    x86_write_cr3(map_root);
}

void *map_device(uint64_t machine, size_t bytes)
{
    uint64_t first = machine & ~(uint64_t)(PAGE_BYTES - 1);
    uint64_t end =
        (machine + bytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    uint64_t at = device_next;

    map_pages(at, first, end - first, MAP_DEVICE);
    device_next += end - first;
    return (void *)(at + (machine - first));
}
