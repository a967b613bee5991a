/* SPDX-License-Identifier: MIT */
/*
 * A ROM of the 64-bit profile whose code runs.
 */
#include "vmi64_machine.h"

#ifdef __x86_64__

#include <sys/mman.h>

#include "cpu.h"
#include "host.h"
#include "pvtest.h"
#include "sha256.h"
#include "vmi.h"

struct vmi64_machine vmi64;

/* Where the copy lies that this code is part of: the area is the test's. */
static uint64_t placed(struct vmi64_relocation r)
{
    return r.type == VMI_RELOCATION_NONE || r.type == VMI_RELOCATION_NOP
               ? 0
               : (uintptr_t)vmi64.area + r.target;
}

static struct vmi64_relocation relocation(uint32_t call)
{
    struct vmi64_relocation r;

    EXPECT(call < VMI64_CALLS);
    EXPECT(vmi64.inits > 0);
    r = vmi64.answers[call];
    r.target = placed(r);
    return r;
}

static uint32_t init(struct vmi64_init *init)
{
    vmi64.inits++;
    vmi64.init = *init;
    return vmi64.init_result;
}

static void fill(struct vmi64_init *init)
{
    init->caps = vmi64.caps;
    init->root_pages = vmi64.root_pages;
    init->own_selectors[0] = vmi64.kernel_cs;
    init->own_selectors[1] = 0x22;
    init->own_selectors[2] = 0x33;
    init->own_selectors[3] = 0x44;
    init->resources = vmi64.resources;
}

static struct vmi64_init *to_fill;

static uint32_t setup(struct vmi64_init *init)
{
    vmi64.setups++;
    vmi64.init = *init;
    ((void (*)(uint32_t, const char *))(uintptr_t)init->log)(1, "of the ROM");
    fill(init);
    to_fill = init;
    if (vmi64.later)
        vmi64.later();
    return vmi64.setup_result;
}

static uint32_t cpu_setup(struct vmi64_cpu *cpu)
{
    vmi64.cpu_setups++;
    vmi64.cpu = *cpu;
    if (cpu->index == 0) {
        if (vmi64.last)
            vmi64.last();
        fill(to_fill);
    }
    return vmi64.cpu_result;
}

static void cpu_teardown(struct vmi64_cpu *cpu)
{
    vmi64.cpu_teardowns++;
    vmi64.cpu = *cpu;
}

static uint64_t now_ns(void)
{
    return vmi64.now_ns;
}

static uint64_t any(void)
{
    return 4711;
}

/* "mov $function, %rax; jmp *%rax" */
static void lead(size_t at, uintptr_t function)
{
    uint8_t *code = vmi64.rom.bytes + at;

    code[0] = 0x48;
    code[1] = 0xb8;
    memcpy(code + 2, &function, sizeof(function));
    code[10] = 0xff;
    code[11] = 0xe0;
}

static void lead_call(unsigned call, uintptr_t function)
{
    lead(VMI64_THUNKS + call * VMI64_THUNK_BYTES, function);
}

void vmi64_answer(unsigned call)
{
    vmi64.answers[call] = (struct vmi64_relocation){
        .target = VMI64_THUNKS + call * VMI64_THUNK_BYTES,
        .type = VMI_RELOCATION_CALL_REL,
    };
}

static bool on_rom(const struct pvops_rom *rom)
{
    vmi64.asked++;
    vmi64.shown = *rom;
    if (vmi64.when_asked)
        vmi64.when_asked();
    return !vmi64.refuse;
}

void vmi64_reset(void)
{
    static const uint8_t served[] = {
        69, 70, 128, 129, 130, 148, 149, 150, 151
    };
    static uint8_t *area;

    if (!area)
        area = mmap(NULL, VMI64_AREA_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    EXPECT(area != MAP_FAILED);
    memset(area, 0xcc, VMI64_AREA_BYTES);
    acpi_maps_free();
    pc_reset();
    host.on_rom = on_rom;
    memset(&vmi64, 0, sizeof(vmi64));
    memset(&pvi_vmi, 0, sizeof(pvi_vmi));
    vmi64.area = area;
    vmi64.root_pages = 1;
    vmi64.kernel_cs = 0x11;
    vmi64.caps = VMI64_CAP_CLOCK_GLOBAL | VMI64_CAP_RING0;
    vmi64.options.area = area;
    vmi64.options.area_bytes = VMI64_AREA_BYTES;
    vmi64.options.rsdp = 1; /* where nothing is */
    pc.setup.rom = &vmi64.options;

    rom_image_make(&vmi64.rom, VMI64_API_MAJOR);
    lead(ROM_INIT, (uintptr_t)init);
    lead(ROM_RELOCATION, (uintptr_t)relocation);
    for (unsigned call = 0; call < VMI64_CALLS; call++)
        lead_call(call, (uintptr_t)any);
    lead_call(VMI64_CALL_SETUP, (uintptr_t)setup);
    lead_call(VMI64_CALL_CPU_SETUP, (uintptr_t)cpu_setup);
    lead_call(VMI64_CALL_CPU_TEARDOWN, (uintptr_t)cpu_teardown);
    lead_call(148, (uintptr_t)now_ns);
    for (unsigned i = 0; i < sizeof(served); i++)
        vmi64_answer(served[i]);
}

void vmi64_in_module(void)
{
    static const char name[] = VMI64_MODULE_NAME;
    const size_t data = (110 + sizeof(name) + 3) / 4 * 4;

    rom_image_seal(&vmi64.rom);
    memset(vmi64.module, 0, sizeof(vmi64.module));
    snprintf((char *)vmi64.module, 111,
             "070701%08x%08x%08x%08x%08x%08x%08x%08X%08x%08x%08x%08x%08x", 1,
             0100644, 0, 0, 1, 0, (unsigned)vmi64.rom.length, 0, 0, 0, 0,
             (unsigned)sizeof(name), 0);
    memcpy(vmi64.module + 110, name, sizeof(name));
    memcpy(vmi64.module + data, vmi64.rom.bytes, vmi64.rom.length);
    vmi64.module_bytes = data + vmi64.rom.length;
    vmi64.options.module = vmi64.module;
    vmi64.options.module_bytes = vmi64.module_bytes;
}

/* In the place of the one that is 0. */
static void add_table(const void *content, size_t bytes)
{
    struct acpi_image *acpi = &vmi64.acpi;
    uint64_t at;

    acpi_image_pc(acpi);
    at = ACPI_IMAGE_AT +
         acpi_image_add(acpi, VMI64_ACPI_SIGNATURE, content, bytes);
    memcpy(acpi->bytes + acpi->xsdt + sizeof(struct acpi_table), &at,
           sizeof(at));
    acpi_image_seal(acpi, acpi->xsdt);
    vmi64.options.rsdp = ACPI_IMAGE_AT + acpi->rsdp;
}

void vmi64_in_acpi(void)
{
    const size_t head = VMI64_ACPI_AT + sizeof(struct vmi64_acpi);
    uint8_t table[ROM_IMAGE_BYTES] = { 0 };

    rom_image_seal(&vmi64.rom);
    memcpy(table + head, vmi64.rom.bytes, vmi64.rom.length);
    add_table(table, head + vmi64.rom.length);
}

void vmi64_in_region(uint64_t paddr)
{
    uint8_t table[VMI64_ACPI_AT + sizeof(struct vmi64_acpi)] = { 0 };
    struct vmi64_acpi names = {
        .bytes = (uint32_t)vmi64.rom.length,
        .address = paddr,
    };

    rom_image_seal(&vmi64.rom);
    memcpy(vmi64.region, vmi64.rom.bytes, vmi64.rom.length);
    vmi64.region_paddr = paddr;
    pvi_sha256(vmi64.rom.bytes, vmi64.rom.length, names.sha256);
    memcpy(table + VMI64_ACPI_AT, &names, sizeof(names));
    add_table(table, sizeof(table));
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    if (how == PVOPS_MAP_DEVICE)
        return host.device;
    if (vmi64.region_paddr && paddr == vmi64.region_paddr)
        return vmi64.region;
    return acpi_map_copy(vmi64.acpi.bytes, sizeof(vmi64.acpi.bytes),
                         ACPI_IMAGE_AT + ACPI_IMAGE_BYTES, paddr, bytes);
}

enum pvops_status vmi64_setup(void)
{
    pvops_probe(&pc.probe, &pc.info);
    return pvops_setup(&pc.info, &pc.setup);
}

void vmi64_expect_taken(void)
{
    const struct pvops_rom *rom = pvops_rom_in_use();
    uint8_t sha256[32];

    EXPECT(rom != NULL);
    EXPECT(!host_logged("refused"));
    pvi_sha256(vmi64.rom.bytes, vmi64.rom.length, sha256);
    EXPECT(!memcmp(sha256, rom->sha256, sizeof(sha256)));
    EXPECT(!memcmp(sha256, vmi64.shown.sha256, sizeof(sha256)));
    EXPECT(rom->image == vmi64.area);
    EXPECT_EQ(vmi64.rom.length, rom->bytes);
    EXPECT(!memcmp(rom->image, vmi64.rom.bytes, rom->bytes));
}

void vmi64_expect_native(const char *line)
{
    EXPECT_STR("native", pvops_backend_name());
    EXPECT(!pvops_rom_in_use());
    EXPECT(pvops_rom_call_name(0) == NULL);
    if (!host_logged(line))
        FAIL("not '%s' but: %s", line, host.log);
    EXPECT(pvops_time_table.now_ns == pvi_native_time_now_ns);
    EXPECT(pvops_time_table.set_deadline == pvi_native_time_set_deadline);
    EXPECT(pvops_irq_table.disable == pvi_native_irq_disable);
    EXPECT_EQ(0x8, pvops_cpu_selectors()->kernel_cs);
    EXPECT_EQ(1, pvops_mmu_root_pages());
    EXPECT(pvops_caps() & PVOPS_CAP_LARGE_PAGES);
    EXPECT(pvi.clock.kind == PVOPS_CLOCK_TSC);
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(0, vmi64.cpu_setups);
    EXPECT(host_logged("lapic: "));
}

#endif
