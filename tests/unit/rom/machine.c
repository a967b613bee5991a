/* SPDX-License-Identifier: MIT */
/*
 * The machine: its memory, and what post.S and a kernel would have set up.
 */
#define _GNU_SOURCE
#include "machine.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "abi/vmi.h"
#include "emulate.h"
#include "pvtest.h"
#include "rom_abi.h"

extern const uint8_t rom_native[], rom_native_end[], rom_timer[],
    rom_timer_end[], rom_kvm[], rom_kvm_end[];
extern const uint32_t rom_timer_delta, rom_kvm_delta;

const struct rom_image rom_images[] = {
    { "vmi-native", rom_native, rom_native_end, NULL },
    { "vmi-native-timer", rom_timer, rom_timer_end, &rom_timer_delta },
    { "vmi-kvm", rom_kvm, rom_kvm_end, &rom_kvm_delta },
};

struct machine machine;

enum { PAGE = 4096, STATE_PADDR = 626 * 1024, TABLES = 0x10000 };

void machine_call_stepped(struct machine_regs *regs, const void *target);

static void protect(int rights)
{
    if (mprotect(machine.memory + 0xc0000, 0x20000, rights))
        FAIL("mprotect of the ROMs' place");
}

/* By the clock of the process, for half a tenth of a second. */
static uint64_t measure_tsc_hz(void)
{
    static uint64_t hz;
    struct timespec start, now;
    uint64_t before, ns;

    if (hz)
        return hz;
    clock_gettime(CLOCK_MONOTONIC, &start);
    before = emulate_tsc();
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
        ns = (uint64_t)(now.tv_sec - start.tv_sec) * 1000000000u +
             (uint64_t)now.tv_nsec - (uint64_t)start.tv_nsec;
    } while (ns < 50000000);
    hz = (emulate_tsc() - before) * 1000 / (ns / 1000000);
    return hz;
}

void machine_start(const struct rom_image *image, uint32_t page_offset,
                   uint32_t rom_paddr)
{
    void *at = (void *)(uintptr_t)page_offset;
    void *memory;

    /* Of a test that failed. */
    if (machine.memory)
        machine_stop();
    memory = mmap(at, MACHINE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    if (memory != at)
        FAIL("no MiB at 0x%x", page_offset);
    memset(&machine, 0, sizeof(machine));
    machine.memory = memory;
    machine.rom = machine.memory + rom_paddr;
    machine.rom_bytes = (size_t)(image->end - image->bytes);
    machine.tsc_hz = measure_tsc_hz();
    memcpy(machine.rom, image->bytes, machine.rom_bytes);
    protect(PROT_READ | PROT_EXEC);
    emulate_start();
}

void machine_stop(void)
{
    munmap(machine.memory, MACHINE_BYTES);
    if (machine.apic)
        munmap((void *)(uintptr_t)machine.apic, PAGE);
    memset(&machine, 0, sizeof(machine));
}

void machine_post(const struct rom_image *image)
{
    uint32_t rom_paddr = (uint32_t)(machine.rom - machine.memory);
    uint32_t delta = STATE_PADDR - rom_paddr, magic = ROM_STATE_MAGIC;
    uint32_t paddr = STATE_PADDR;
    uint8_t *last = machine.rom + machine.rom_bytes - 1;
    uint8_t *state = machine.memory + STATE_PADDR;

    protect(PROT_READ | PROT_WRITE | PROT_EXEC);
    memcpy(machine.rom + *image->state_delta, &delta, 4);
    for (unsigned i = 0; i < 4; i++)
        *last = (uint8_t)(*last - (delta >> 8 * i));
    protect(PROT_READ | PROT_EXEC);
    memset(state, 0, ROM_STATE_KIB * 1024);
    memcpy(state, &magic, 4);
    memcpy(state + ROM_STATE_PADDR, &paddr, 4);
}

/* 32 bits of an entry, or all 64 if 'pae'. */
static void put_entry(uint32_t table, uint32_t index, bool pae, uint32_t value)
{
    uint32_t bytes = pae ? 8 : 4;

    memcpy(machine.memory + table + index * bytes, &value, 4);
}

/*
 * The tables that a kernel would have: the page directory's other entries are
 * empty or large pages, as low memory's are.
 */
void machine_map_apic(bool pae)
{
    uint32_t offset = (uint32_t)(uintptr_t)machine.memory;
    uint32_t directory = TABLES, table = TABLES + PAGE, top = TABLES + 2 * PAGE;
    uint32_t bits = pae ? 21 : 22, va;
    void *page =
        mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        FAIL("no page");
    machine.apic = page;
    va = (uint32_t)(uintptr_t)page;
    machine.cr0 = 0x80000001;
    machine.cr4 = pae ? 0x20 : 0x10;
    machine.cr3 = pae ? top : directory;
    machine.apic_base = MACHINE_APIC_PADDR | 0x900;
    if (pae)
        put_entry(top, va >> 30, true, directory | 1);
    if (offset >> 30 == va >> 30)
        put_entry(directory, offset >> bits & (pae ? 511 : 1023), pae, 0xe3);
    put_entry(directory, va >> bits & (pae ? 511 : 1023), pae, table | 0x67);
    /* A mapping that may only be read is not the kernel's own. */
    put_entry(table, (pae ? 511 : 1023), pae, MACHINE_APIC_PADDR | 0x11);
    put_entry(table, va >> 12 & (pae ? 511 : 1023), pae,
              MACHINE_APIC_PADDR | 0x17b);
}

void machine_step(struct machine_regs *regs, const void *target,
                  void (*step)(uint32_t eip, const uint32_t *stack))
{
    machine.step = step;
    machine_call_stepped(regs, target);
    machine.step = NULL;
}

void machine_leaves(uint32_t eax, const void *target)
{
    struct machine_regs regs = { .eax = eax };

    machine.left = false;
    machine.leaving = true;
    if (!sigsetjmp(emulate_out, 1))
        machine_call(&regs, target);
    machine.leaving = false;
    if (!machine.left)
        FAIL("it came back");
}

void machine_forget(void)
{
    machine.count = 0;
}

const struct machine_event *machine_only_event(const char *op)
{
    if (machine.count != 1)
        FAIL("%u events where one %s was to be", machine.count, op);
    EXPECT_STR(op, machine.events[0].op);
    machine.count = 0;
    return &machine.events[0];
}

/* The last of that kind. */
const struct machine_event *machine_find_event(const char *op, uint32_t at)
{
    for (unsigned i = machine.count; i--;) {
        const struct machine_event *event = &machine.events[i];

        if (!strcmp(event->op, op) && event->at == at)
            return event;
    }
    FAIL("no %s of 0x%x", op, at);
}

uint64_t machine_rom_hash(void)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < machine.rom_bytes; i++)
        hash = (hash ^ machine.rom[i]) * 1099511628211u;
    return hash;
}
