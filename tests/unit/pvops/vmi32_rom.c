/* SPDX-License-Identifier: MIT */
/*
 * ROMs of VMI 3.0 for tests.
 */
#define _GNU_SOURCE
#include "vmi32_rom.h"

#ifdef __i386__

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "pvtest.h"

enum { LOW_BYTES = 0x100000 - ROM_LOW, PCI_AT = 0x20, PNP_AT = 0x40 };

struct rom_machine rom;
uint32_t rom_eax, rom_edx, rom_ecx;
struct rom_seen rom_seen[ROM_MOST_SEEN];
uint32_t rom_count;

/* Of the stub that jumped to record(). */
__attribute__((used)) static uint32_t stub_call;

/*
 * record: what came, then what rom_eax to rom_ecx say. record_quick: the same,
 * but only EAX is changed, and only by call 31.
 */
void record(void);
void record_quick(void);
__asm__(".text\n"
        "remember:\n\t"
        "pushal\n\t"
        "mov rom_count, %ebx\n\t"
        "and $63, %ebx\n\t"
        "imul $24, %ebx, %ebx\n\t"
        "mov stub_call, %esi\n\t"
        "mov %esi, rom_seen(%ebx)\n\t"
        "mov %eax, rom_seen+4(%ebx)\n\t"
        "mov %edx, rom_seen+8(%ebx)\n\t"
        "mov %ecx, rom_seen+12(%ebx)\n\t"
        "mov 40(%esp), %esi\n\t" /* PUSHA, two return addresses */
        "mov %esi, rom_seen+16(%ebx)\n\t"
        "mov 44(%esp), %esi\n\t"
        "mov %esi, rom_seen+20(%ebx)\n\t"
        "incl rom_count\n\t"
        "popal\n\t"
        "ret\n"
        ".globl record, record_quick\n"
        "record:\n\t"
        "call remember\n\t"
        "mov rom_eax, %eax\n\t"
        "mov rom_edx, %edx\n\t"
        "mov rom_ecx, %ecx\n\t"
        "ret\n"
        "record_quick:\n\t"
        "call remember\n\t"
        "cmpl $31, stub_call\n\t"
        "jne 1f\n\t"
        "mov rom_eax, %eax\n"
        "1:\n\t"
        "ret\n");

PVOPS_OP_CALL static uint32_t init(void)
{
    rom.inits++;
    fake.cs = rom.init_cs;
    return rom.init_result;
}

/* What is above the type's byte means nothing. */
PVOPS_OP_CALL static uint64_t get_relocation(uint32_t call)
{
    const struct rom_answer *answer = &rom.answers[call];

    EXPECT(call < VMI_CALLS);
    rom.asked++;
    return (uint64_t)0xabcdef << 40 | (uint64_t)answer->type << 32 |
           answer->target;
}

PVOPS_OP_CALL static uint64_t get_cycle_frequency(void)
{
    return rom.hz;
}

static uint64_t cycles(void)
{
    return 12345 + (uint64_t)((double)fake.now_ps * (double)rom.hz / 1e12);
}

PVOPS_OP_CALL static uint64_t get_cycle_counter(uint32_t which)
{
    switch (which) {
    case VMI_CYCLES_REAL:
        return cycles();
    case VMI_CYCLES_AVAILABLE:
        return cycles() - rom.stolen;
    case VMI_CYCLES_STOLEN:
        return rom.stolen;
    }
    return 0;
}

PVOPS_OP_CALL static void set_alarm(uint32_t flags, uint64_t expiry,
                                    uint64_t period)
{
    rom.alarms++;
    rom.alarm_flags = flags;
    rom.alarm = expiry;
    rom.period = period;
}

PVOPS_OP_CALL static uint32_t cancel_alarm(uint32_t flags)
{
    rom.cancels++;
    rom.alarm_flags = flags;
    rom.alarm = 0;
    return 1;
}

PVOPS_OP_CALL static uint64_t get_wallclock_time(void)
{
    return UINT64_C(1795350896123456789) + fake_ns();
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    host.mapped = paddr;
    if (how == PVOPS_MAP_DEVICE)
        return host.device;
    rom.maps++;
    EXPECT_EQ(ROM_LOW, paddr);
    EXPECT_EQ(LOW_BYTES, bytes);
    return rom.map_refused ? NULL : rom.low;
}

static bool on_rom(const struct pvops_rom *shown)
{
    rom.shown++;
    EXPECT(shown->whole && shown->place == PVOPS_ROM_OPTION);
    return !rom.refuse;
}

void rom_reset(void)
{
    uint8_t *low = rom.low;

    pc_reset();
    if (!low)
        low = mmap(NULL, LOW_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (low == MAP_FAILED)
        abort();
    memset(low + 0xc0000 - ROM_LOW, 0, 0x40000);
    memset(&rom, 0, sizeof(rom));
    memset(rom_seen, 0, sizeof(rom_seen));
    rom.low = low;
    rom_count = 0;
    rom_eax = 0x11111111;
    rom_edx = 0x22222222;
    rom_ecx = 0x33333333;
    rom.options.linear = 0xc0000000;
    rom.options.linear_bytes = 0x2000000;
    pc.setup.rom = &rom.options;
    host.on_rom = on_rom;
}

uint32_t rom_linear(uint32_t paddr)
{
    return (uint32_t)(uintptr_t)(rom.low + paddr - ROM_LOW);
}

uint32_t rom_stub(uint32_t paddr, unsigned call)
{
    return rom_linear(paddr) + ROM_STUBS + 16 * call;
}

/* PUSH of an address and RET: a jump to anywhere. */
static void put_jump(uint8_t *at, uint32_t to)
{
    at[0] = 0x68;
    memcpy(at + 1, &to, 4);
    at[5] = 0xc3;
}

static void put_stub(uint8_t *at, uint32_t call)
{
    const void *variable = &stub_call;
    void (*function)(void) =
        call >= VMI_CALL_EnableInterrupts && call <= VMI_CALL_SetInterruptMask
            ? record_quick
            : record;

    at[0] = 0xc7; /* MOVL $call, stub_call */
    at[1] = 0x05;
    memcpy(at + 2, &variable, 4);
    memcpy(at + 6, &call, 4);
    put_jump(at + 10, (uint32_t)(uintptr_t)function);
}

void rom_put_function(uint32_t paddr, unsigned call, uintptr_t function)
{
    uint32_t stub = rom_stub(paddr, call);

    put_jump((uint8_t *)(uintptr_t)stub, (uint32_t)function);
    rom.answers[call] = (struct rom_answer){ VMI_RELOCATION_CALL_REL, stub };
}

void rom_sum(uint32_t paddr)
{
    uint8_t *image = (uint8_t *)(uintptr_t)rom_linear(paddr);
    uint8_t sum = 0;

    image[ROM_BYTES - 1] = 0;
    for (unsigned i = 0; i < ROM_BYTES; i++)
        sum = (uint8_t)(sum + image[i]);
    image[ROM_BYTES - 1] = (uint8_t)-sum;
}

struct vmi_header *rom_make(uint32_t paddr)
{
    uint8_t *image = (uint8_t *)(uintptr_t)rom_linear(paddr);
    struct vmi_header *header = (struct vmi_header *)(void *)image;
    struct vmi_pci *pci = (struct vmi_pci *)(void *)(image + PCI_AT);
    struct vmi_pnp *pnp = (struct vmi_pnp *)(void *)(image + PNP_AT);

    memset(image, 0, ROM_BYTES);
    header->rom_signature = VMI_ROM_SIGNATURE;
    header->blocks = ROM_BYTES / VMI_BLOCK_BYTES;
    header->stub[0] = 0xcb;
    header->vmi_signature = VMI_SIGNATURE;
    header->api_major = VMI_API_MAJOR;
    header->licence = ROM_LICENCE;
    header->pci = PCI_AT;
    header->pnp = PNP_AT;
    memcpy(pci->signature, "PCIR", 4);
    pci->vendor = VMI_VENDOR;
    pci->device = VMI_DEVICE;
    pci->bytes = sizeof(*pci);
    pci->blocks = header->blocks;
    pci->rom_major = 2;
    pci->rom_minor = 7;
    pci->indicator = 0x80;
    memcpy(pnp->signature, "$PnP", 4);
    pnp->revision = 1;
    pnp->length = sizeof(*pnp) / 16;
    pnp->manufacturer = ROM_LICENCE + 8;
    pnp->product = ROM_LICENCE + 16;
    memcpy(image + ROM_LICENCE, "GPL v2\0\0maker\0\0\0product", 24);
    put_jump(header->init, (uint32_t)(uintptr_t)init);
    put_jump(header->get_relocation, (uint32_t)(uintptr_t)get_relocation);
    for (unsigned call = 0; call < VMI_CALLS; call++)
        put_stub(image + ROM_STUBS + 16 * call, call);
    memcpy(image + ROM_IRET, "\xcf", 1);
    memcpy(image + ROM_IRET_CALLED, "\x83\xc4\x04\xcf", 4);
    rom_sum(paddr);
    return header;
}

void rom_answer_all(uint32_t paddr)
{
    for (unsigned call = 0; call < VMI_CALLS; call++)
        rom.answers[call] = (struct rom_answer){ VMI_RELOCATION_CALL_REL,
                                                 rom_stub(paddr, call) };
    for (unsigned call = VMI_CALL_GetCycleFrequency;
         call <= VMI_CALL_WallclockUpdated; call++)
        rom.answers[call].type = VMI_RELOCATION_NONE;
    rom.answers[VMI_CALL_IRET] =
        (struct rom_answer){ VMI_RELOCATION_JUMP_REL,
                             rom_linear(paddr) + ROM_IRET };
    rom.answers[VMI_CALL_SYSEXIT].type = VMI_RELOCATION_JUMP_REL;
}

void rom_answer_time(uint32_t paddr)
{
    rom.hz = 1234567890;
    rom_put_function(paddr, VMI_CALL_GetCycleFrequency,
                     (uintptr_t)get_cycle_frequency);
    rom_put_function(paddr, VMI_CALL_GetCycleCounter,
                     (uintptr_t)get_cycle_counter);
    rom_put_function(paddr, VMI_CALL_SetAlarm, (uintptr_t)set_alarm);
    rom_put_function(paddr, VMI_CALL_CancelAlarm, (uintptr_t)cancel_alarm);
    rom_put_function(paddr, VMI_CALL_GetWallclockTime,
                     (uintptr_t)get_wallclock_time);
    rom_sum(paddr);
}

#endif
