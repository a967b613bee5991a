/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit profile's consumer: a ROM that is taken; that what runs is what
 * was checked and shown.
 *
 * Source: docs/vmi64.md.
 */
#include "vmi64_machine.h"

#include "apic_timer.h"
#include "host.h"
#include "pvtest.h"

enum { REGION = 0x7f000000 };

PVTEST(whole, "a whole ROM is the backend: its life cycle, its clock, its word")
{
    vmi64_reset();
    vmi64.resources.hyperv_guest_os_id = 0x8100;
    vmi64.resources.xen_timer_port = 7;
    vmi64_in_module();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    vmi64_expect_taken();
    EXPECT_STR("vmi", pvops_backend_name());
    EXPECT_EQ(PVOPS_ROM_MODULE, pvops_rom_in_use()->place);
    EXPECT_STR("maker", vmi64.shown.manufacturer);
    EXPECT_STR("product", vmi64.shown.product);
    EXPECT_STR("GPL", vmi64.shown.licence);
    EXPECT_EQ(1, vmi64.shown.rom_major);
    EXPECT_EQ(2, vmi64.shown.rom_minor);
    EXPECT(vmi64.shown.whole && !vmi64.shown.confidential);
    EXPECT_EQ(1, vmi64.inits);
    EXPECT_EQ(1, vmi64.setups);
    EXPECT(host_logged("of the ROM"));
    EXPECT(host_logged("vmi: the ROM's calls: 69-70 128-130 148-151\n"));
    EXPECT_STR("GetTimeNs", pvops_rom_call_name(148));
    EXPECT_STR("CPUSetup", pvops_rom_call_name(129));
    EXPECT(pvops_rom_call_name(4) == NULL);
    EXPECT_EQ(sizeof(struct vmi64_init), vmi64.init.bytes);
    EXPECT_EQ(0x8, vmi64.init.selectors[0]);
    EXPECT_EQ(pc.info.tsc_hz, vmi64.init.tsc_hz);

    EXPECT_EQ(PVOPS_CAP_CLOCK_GLOBAL | PVOPS_CAP_RING0, pvops_caps());
    EXPECT_EQ(0x11, pvops_cpu_selectors()->kernel_cs);
    EXPECT_EQ(0x44, pvops_cpu_selectors()->user_ss);
    EXPECT_EQ(0x8100, pvops_get_resources()->hyperv_guest_os_id);
    EXPECT_EQ(7, pvops_get_resources()->xen_timer_port);

    /* The library has no clock of its own, nor a timer. */
    EXPECT(pvi.clock.kind == PVOPS_CLOCK_NONE);
    vmi64.now_ns = 123456;
    EXPECT_EQ(123456, pvops_time_now_ns());
    vmi64.caps = VMI64_CAP_CLOCK_GLOBAL;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(PVOPS_CAP_CLOCK_GLOBAL, pvops_caps());
    EXPECT_EQ(1, vmi64.cpu_setups);
    EXPECT_EQ((uintptr_t)pc.cpu.rom_, vmi64.cpu.area);
    EXPECT_EQ(PC_DEADLINE, vmi64.cpu.deadline_vector);
    EXPECT_EQ(PC_EVENT, vmi64.cpu.event_vector);
    EXPECT(!vmi64.cpu.own_timer);
    EXPECT(!host_logged("lapic: "));
    EXPECT_EQ(4711, pvops_time_stolen_ns());
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(1, vmi64.cpu_teardowns);
    EXPECT_EQ(PVOPS_CAP_CLOCK_GLOBAL, pvops_caps());
    EXPECT_EQ(123456, pvops_time_now_ns());
}

PVTEST(clock_alone, "a whole ROM without a timer: the library's, by its clock")
{
    vmi64_reset();
    for (unsigned call = 149; call <= 151; call++)
        vmi64.answers[call].type = VMI_RELOCATION_NONE;
    vmi64.answers[69].type = VMI_RELOCATION_NONE;
    vmi64_in_module();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(vmi64.cpu.own_timer);
    EXPECT(host_logged("lapic: "));
    vmi64.now_ns = 1000000;
    pvops_time_set_deadline(2000000);
    EXPECT_EQ(PC_DEADLINE, fake_wait(2000000));
    EXPECT_EQ(0, pvops_time_arrived(PC_DEADLINE));
    vmi64.now_ns = 2000000;
    EXPECT_EQ(PC_DEADLINE, fake_wait(2000000));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_DEADLINE));
}

PVTEST(state, "directly behind the copy, zeroed, and no further")
{
    vmi64_reset();
    vmi64_in_module();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    for (size_t i = vmi64.rom.length; i < vmi64.rom.length + 0x2000; i++)
        EXPECT_EQ(0, vmi64.area[i]);
    EXPECT_EQ(0xcc, vmi64.area[vmi64.rom.length + 0x2000]);
}

PVTEST(in_acpi, "in the ACPI table itself, and where it says")
{
    vmi64_reset();
    vmi64_in_acpi();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    vmi64_expect_taken();
    EXPECT_EQ(PVOPS_ROM_ACPI, pvops_rom_in_use()->place);
    vmi64_reset();
    vmi64_in_region(REGION);
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    vmi64_expect_taken();
    EXPECT_EQ(PVOPS_ROM_ACPI_REGION, pvops_rom_in_use()->place);
    EXPECT_EQ(REGION, pvops_rom_in_use()->paddr);
}

/* Two ROMs that differ: the second in the module. */
static void two(void)
{
    vmi64_reset();
    vmi64_in_module();
    ROM_PROFILE(&vmi64.rom, state_bytes, 0x1000);
    vmi64_in_acpi();
}

PVTEST(two_roms, "the first that breaks no rule and that its owner wants")
{
    two();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    vmi64_expect_taken();
    EXPECT_EQ(PVOPS_ROM_ACPI, pvops_rom_in_use()->place);
    EXPECT_EQ(1, vmi64.asked);

    two();
    vmi64.acpi.bytes[vmi64.acpi.used - 0x400]++;
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    EXPECT_EQ(PVOPS_ROM_MODULE, pvops_rom_in_use()->place);
    EXPECT(host_logged("vmi: ROM in the ACPI table at "));

    two();
    vmi64.refuse = true;
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    EXPECT_EQ(2, vmi64.asked);
    EXPECT(host_logged("in the first module refused: the kernel says no"));
    vmi64_expect_native("vmi: ROM in the ACPI table at ");
}

/* While the owner is asked, the hypervisor is busy. */
static void change_original(void)
{
    memset(vmi64.region, 0xcc, sizeof(vmi64.region));
    memset(vmi64.module, 0xcc, sizeof(vmi64.module));
    memset(vmi64.acpi.bytes, 0xcc, sizeof(vmi64.acpi.bytes));
    for (size_t i = 0; i < acpi_map_count; i++)
        memset(acpi_maps[i], 0xcc, 1);
}

/* Tried: pvi_rom_check() and the hash of from->bytes instead of the copy's. */
PVTEST(changed_original, "what was checked and shown is what runs")
{
    static void (*const places[])(void) = { vmi64_in_module, vmi64_in_acpi };

    for (unsigned i = 0; i < 3; i++) {
        vmi64_reset();
        vmi64.when_asked = change_original;
        if (i < 2)
            places[i]();
        else
            vmi64_in_region(REGION);
        EXPECT_EQ(PVOPS_OK, vmi64_setup());
        vmi64_expect_taken();
        EXPECT_EQ(1, vmi64.setups);
    }
}

PVTEST(not_ours, "no ROM, no word: another module, no module, no area")
{
    for (unsigned i = 0; i < 6; i++) {
        vmi64_reset();
        vmi64_in_module();
        if (i == 0)
            vmi64.module[5] = '7';
        if (i == 1)
            vmi64.module[118] = 'n';
        if (i == 2)
            vmi64.options.module_bytes = 100;
        if (i == 3)
            vmi64.options.area = NULL;
        if (i == 4)
            pc.setup.rom = NULL;
        if (i == 5) /* a name with a byte behind its NUL */
            vmi64.module[101] = 'b';
        EXPECT_EQ(PVOPS_OK, vmi64_setup());
        EXPECT(!host_logged("vmi: "));
        vmi64_expect_native("pvops: backend native");
        EXPECT_EQ(0, vmi64.asked);
    }
}

/*
 * Every field, both ways. Tried, each fails: a field left out of
 * take_resources() or tell_resources(); a selector taken from another's place.
 */
PVTEST(fields, "resources that are the kernel's, then the ROM's; selectors")
{
    static uint8_t page[4];
    struct pvops_resources yours = {
        .hyperv_hypercall_page = &page[0],
        .hyperv_guest_os_id = 1,
        .hyperv_message_page = &page[1],
        .hyperv_event_page = &page[2],
        .hyperv_timer_sint = 2,
        .xen_shared_info = &page[3],
        .xen_vcpu_info = page,
        .xen_upcall = true,
        .xen_timer_port = 3,
    };
    const struct vmi64_resources its = {
        .hyperv_hypercall_page = 11,
        .hyperv_guest_os_id = 12,
        .hyperv_message_page = 13,
        .hyperv_event_page = 14,
        .xen_shared_info = 15,
        .xen_vcpu_info = 16,
        .hyperv_timer_sint = 17,
        .xen_timer_port = 18,
        .xen_upcall = 1,
    };
    const struct pvops_resources *now;
    const struct vmi64_resources *told = &vmi64.init.resources;

    vmi64_reset();
    vmi64.resources = its;
    pc.setup.yours = &yours;
    vmi64_in_module();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    EXPECT_EQ((uintptr_t)&page[0], told->hyperv_hypercall_page);
    EXPECT_EQ(1, told->hyperv_guest_os_id);
    EXPECT_EQ((uintptr_t)&page[1], told->hyperv_message_page);
    EXPECT_EQ((uintptr_t)&page[2], told->hyperv_event_page);
    EXPECT_EQ(2, told->hyperv_timer_sint);
    EXPECT_EQ((uintptr_t)&page[3], told->xen_shared_info);
    EXPECT_EQ((uintptr_t)page, told->xen_vcpu_info);
    EXPECT_EQ(1, told->xen_upcall);
    EXPECT_EQ(3, told->xen_timer_port);

    now = pvops_get_resources();
    EXPECT_EQ(11, (uintptr_t)now->hyperv_hypercall_page);
    EXPECT_EQ(12, now->hyperv_guest_os_id);
    EXPECT_EQ(13, (uintptr_t)now->hyperv_message_page);
    EXPECT_EQ(14, (uintptr_t)now->hyperv_event_page);
    EXPECT_EQ(15, (uintptr_t)now->xen_shared_info);
    EXPECT_EQ(16, (uintptr_t)now->xen_vcpu_info);
    EXPECT_EQ(17, now->hyperv_timer_sint);
    EXPECT_EQ(18, now->xen_timer_port);
    EXPECT(now->xen_upcall);
    EXPECT_EQ(0x22, pvops_cpu_selectors()->kernel_ss);
    EXPECT_EQ(0x33, pvops_cpu_selectors()->user_cs);
}
