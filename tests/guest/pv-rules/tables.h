/* SPDX-License-Identifier: MIT */
/*
 * Entries that no guest may have. The tables stay as they were.
 *
 * Source: Xen 4.17 xen/arch/x86/mm.c, get_page_from_l1e(), mod_l*_entry();
 *         xen/arch/x86/dom0_build.c, dom0_setup_permissions().
 */
#ifndef RULES_TABLES_H
#define RULES_TABLES_H

#define IOAPIC_AT   0xfec00000u /* every PC's first one */
#define LAPIC_AT    0xfee00000u
#define ENTRY_LARGE 0x80u
#define ENTRY_READ  0x65u
#define ENTRY_WRITE 0x2u

enum { XEN_SLOT = 256, XEN_SLOTS = 16 };

static uint8_t window[PAGE] __attribute__((aligned(PAGE)));

/* A frame that is Xen's: the first of its table of pseudo-physical numbers. */
static bool xens_frame(uint64_t *out_frame)
{
    struct xen_machphys_mfn_list op = {
        .max_extents = 1,
        .extent_start = (uintptr_t)out_frame,
    };

    return is("machphys_mfn_list",
              call(__HYPERVISOR_memory_op, XENMEM_machphys_mfn_list,
                   (uintptr_t)&op, 0),
              0) &&
           is("its extents", op.nr_extents, 1);
}

static uint64_t entry_at(const void *at)
{
    return table_of((uintptr_t)at, 1)[(uintptr_t)at >> 12 & 511];
}

static bool xens(void)
{
    uint64_t frame, root = frame_of(table_of(0, 4)) * PAGE;

    if (!xens_frame(&frame) ||
        !is("Xen's frame, to be written", try_map(window, frame * PAGE | ENTRY),
            -XEN_EBUSY) ||
        !is("Xen's frame as a table",
            update(entry_of((uintptr_t)window, 2), frame * PAGE | ENTRY),
            -XEN_EINVAL))
        return false;
    for (unsigned i = 0; i < XEN_SLOTS; i++) {
        if (!is("an entry of a root that is Xen's",
                update(root + (XEN_SLOT + i) * 8, 0), -XEN_EINVAL) ||
            !is("the same by a table",
                update(root + (XEN_SLOT + i) * 8,
                       frame_of(table_of(0, 3)) * PAGE | ENTRY),
                -XEN_EINVAL))
            return false;
    }
    return true;
}

/* Xen maps the I/O APIC to be read, the shim not at all. */
static bool apics(void)
{
    uint64_t before = entry_at(window);
    long result = try_map(window, IOAPIC_AT | ENTRY);

    return is("the I/O APIC", result, result ? -XEN_EPERM : 0) &&
           is("it can be written", entry_at(window) & ENTRY_WRITE,
              result ? before & ENTRY_WRITE : 0) &&
           is("the local APIC", try_map(window, LAPIC_AT | ENTRY),
              -XEN_EPERM) &&
           map(window, before);
}

static bool own_tables(void)
{
    uint64_t at = (uintptr_t)window, frame = frame_of(window);

    for (unsigned level = 1; level <= 4; level++) {
        if (!is("a table, to be written",
                try_map(window, frame_of(table_of(at, level)) * PAGE | ENTRY),
                -XEN_EBUSY))
            return false;
    }
    return is("a page of 2 MiB",
              update(entry_of(at, 2), frame * PAGE | ENTRY | ENTRY_LARGE),
              -XEN_EINVAL) &&
           is("a table of another level",
              update(entry_of(at, 3), frame_of(table_of(at, 1)) * PAGE | ENTRY),
              -XEN_EINVAL) &&
           is("a root in a root",
              update(entry_of(at, 4), frame_of(table_of(at, 4)) * PAGE | ENTRY),
              -XEN_EINVAL) &&
           is("a page that can be written, as a table",
              update(entry_of(at, 2), frame_of(given_pages[1]) * PAGE | ENTRY),
              -XEN_EINVAL) &&
           is("an address without tables",
              call(__HYPERVISOR_update_va_mapping, 1ull << 46, 0, 0),
              -XEN_EINVAL) &&
           is("Xen's own address",
              call(__HYPERVISOR_update_va_mapping, HYPERVISOR_VIRT_START, 0, 0),
              -XEN_EINVAL);
}

/* A table: pinned once, not to be written meanwhile. */
static bool pins(void)
{
    static uint8_t page[PAGE] __attribute__((aligned(PAGE)));
    uint64_t frame = frame_of(page);
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = frame };
    uint64_t a = (uintptr_t)&op;

    if (!is("a page that can be written, pinned",
            call4(__HYPERVISOR_mmuext_op, a, 1, 0, DOMID_SELF), -XEN_EINVAL) ||
        !map(page, frame * PAGE | ENTRY_READ) ||
        !is("pin", call4(__HYPERVISOR_mmuext_op, a, 1, 0, DOMID_SELF), 0) ||
        !is("pin again", call4(__HYPERVISOR_mmuext_op, a, 1, 0, DOMID_SELF),
            -XEN_EINVAL) ||
        !is("a pinned table, to be written",
            try_map(page, frame * PAGE | ENTRY), -XEN_EBUSY))
        return false;
    op.cmd = MMUEXT_UNPIN_TABLE;
    return is("unpin", call4(__HYPERVISOR_mmuext_op, a, 1, 0, DOMID_SELF), 0) &&
           is("unpin again", call4(__HYPERVISOR_mmuext_op, a, 1, 0, DOMID_SELF),
              -XEN_EINVAL) &&
           map(page, frame * PAGE | ENTRY);
}

static inline void rules_tables(void)
{
    if (xens() && apics() && own_tables() && pins())
        guest_pass("tables");
}

#endif /* RULES_TABLES_H */
