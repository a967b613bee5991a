/* SPDX-License-Identifier: MIT */
/*
 * ACPI's tables: from the RSDP by the XSDT or RSDT to FADT, DSDT, HPET, MADT.
 *
 * Firmware wrote them, so nothing in them is trusted: each length is checked
 * before what it covers is mapped, each sum before anything is taken, and how
 * many tables are looked at is bounded.
 */
#include "acpi.h"
#include "acpi_aml.h"
#include "abi/acpi.h"

/* The longest DSDTs are below 1 MiB. */
#define MAX_TABLE_BYTES (16u << 20)
#define MAX_TABLES      256u
#define MAX_RSDP_BYTES  256u

enum {
    PAGE_BYTES = 4096,
    LOOK_BYTES = 512,
    /*
     * Byte code is looked at in pieces that overlap by half: a \_S5 of less is
     * whole in one of them.
     */
    STEP_BYTES = LOOK_BYTES / 2,
};

struct area {
    pvops_paddr paddr;
    const uint8_t *mapped; /* NULL: behind the window */
};

/* One whose length is possible and whose sum is right. */
struct table {
    struct area area;
    uint32_t length;
};

struct reader {
    pvi_acpi_window *window;
    const uint8_t *page; /* what the window shows now, or NULL */
    uint64_t frame;
    uint8_t copy[LOOK_BYTES] __attribute__((aligned(8)));
    struct pvi_acpi *out;
};

static bool open_area(const struct reader *reader, pvops_paddr paddr,
                      size_t bytes, struct area *out)
{
    if (!paddr || paddr + bytes < paddr)
        return false;
    out->paddr = paddr;
    out->mapped = NULL;
    if (reader->window)
        return true;
    out->mapped = pvops_host_map(paddr, bytes, PVOPS_MAP_MEMORY);
    return out->mapped != NULL;
}

static const uint8_t *show(struct reader *reader, uint64_t frame)
{
    if (!reader->page || reader->frame != frame)
        reader->page = reader->window(frame);
    reader->frame = frame;
    return reader->page;
}

/* At most LOOK_BYTES of an open area, until the next look; or NULL. */
static const void *look(struct reader *reader, const struct area *area,
                        size_t offset, size_t bytes)
{
    pvops_paddr at = area->paddr + offset;

    if (area->mapped)
        return area->mapped + offset;
    for (size_t i = 0; i < bytes; i++, at++) {
        if (!show(reader, at / PAGE_BYTES))
            return NULL;
        reader->copy[i] = reader->page[at % PAGE_BYTES];
    }
    return reader->copy;
}

static bool same(const void *bytes, const char *text, size_t size)
{
    const char *at = bytes;

    for (size_t i = 0; i < size; i++) {
        if (at[i] != text[i])
            return false;
    }
    return true;
}

static bool sums_up(struct reader *reader, const struct area *area,
                    size_t bytes)
{
    uint8_t sum = 0;

    for (size_t at = 0; at < bytes; at += LOOK_BYTES) {
        size_t size = bytes - at < LOOK_BYTES ? bytes - at : LOOK_BYTES;
        const uint8_t *piece = look(reader, area, at, size);

        if (!piece)
            return false;
        while (size--)
            sum = (uint8_t)(sum + *piece++);
    }
    return !sum;
}

static uint64_t load(const uint8_t *at, size_t bytes)
{
    uint64_t value = 0;

    while (bytes--)
        value = value << 8 | at[bytes];
    return value;
}

/* The header alone is mapped first: most tables are of no interest. */
static bool read_header(struct reader *reader, pvops_paddr paddr,
                        struct acpi_table *out)
{
    const struct acpi_table *header;
    struct area area;

    if (!open_area(reader, paddr, sizeof(*out), &area))
        return false;
    header = look(reader, &area, 0, sizeof(*out));
    if (header)
        *out = *header;
    return header != NULL;
}

/*
 * All of it, if 'header' has this signature (NULL: any) and the table is sound.
 * The header was read once: nobody may change it between check and use.
 */
static bool open_table(struct reader *reader, pvops_paddr paddr,
                       const struct acpi_table *header, const char *signature,
                       size_t min_bytes, struct table *out)
{
    if (signature && !same(header->signature, signature, 4))
        return false;
    out->length = header->length;
    if (out->length < min_bytes || out->length > MAX_TABLE_BYTES)
        return false;
    return open_area(reader, paddr, out->length, &out->area) &&
           sums_up(reader, &out->area, out->length);
}

/* 'size' is how many bytes there are from 'offset' on. */
static bool is_rsdp(struct reader *reader, const struct area *area,
                    size_t offset, size_t size)
{
    struct area rsdp = { area->paddr + offset,
                         area->mapped ? area->mapped + offset : NULL };
    const struct acpi_rsdp *at;

    if (size < ACPI_RSDP_1_BYTES)
        return false;
    at = look(reader, &rsdp, 0, sizeof(at->signature));
    return at && same(at->signature, ACPI_RSDP_SIGNATURE, 8) &&
           sums_up(reader, &rsdp, ACPI_RSDP_1_BYTES);
}

static pvops_paddr search(struct reader *reader, pvops_paddr from, size_t bytes)
{
    struct area area;

    if (!open_area(reader, from, bytes, &area))
        return 0;
    for (size_t at = 0; at < bytes; at += ACPI_RSDP_STEP) {
        if (is_rsdp(reader, &area, at, bytes - at))
            return from + at;
    }
    return 0;
}

static pvops_paddr find_rsdp(struct reader *reader)
{
    const uint8_t *segment = NULL;
    pvops_paddr found = 0;
    struct area area;

    if (open_area(reader, BIOS_EBDA, 2, &area))
        segment = look(reader, &area, 0, 2);
    if (segment) {
        pvops_paddr ebda = load(segment, 2) << 4;

        if (ebda && ebda < BIOS_AREA)
            found = search(reader, ebda, BIOS_EBDA_BYTES);
    }
    return found ? found : search(reader, BIOS_AREA, BIOS_AREA_BYTES);
}

/*
 * The signature is not asked for: where the machine has no XSDT, the header of
 * the one that Xen 4.17 makes for a PVH dom0 is a copy of what lies at 0.
 */
static bool open_root(struct reader *reader, pvops_paddr paddr,
                      struct table *out)
{
    struct acpi_table header;

    return read_header(reader, paddr, &header) &&
           open_table(reader, paddr, &header, NULL, sizeof(header), out);
}

/* By an RSDP of ACPI 2.0, whose own sum has to be right, too. */
static bool find_xsdt(struct reader *reader, pvops_paddr paddr,
                      struct table *out)
{
    const struct acpi_rsdp *rsdp;
    struct area area;
    uint32_t length;

    if (!open_area(reader, paddr, sizeof(*rsdp), &area))
        return false;
    rsdp = look(reader, &area, 0, sizeof(*rsdp));
    length = rsdp ? rsdp->length : 0;
    if (length < sizeof(*rsdp) || length > MAX_RSDP_BYTES ||
        !open_area(reader, paddr, length, &area) ||
        !sums_up(reader, &area, length))
        return false;
    rsdp = look(reader, &area, 0, sizeof(*rsdp));
    return rsdp && open_root(reader, rsdp->xsdt, out);
}

/* The XSDT, or the RSDT if there is none that is sound. */
static bool find_root(struct reader *reader, pvops_paddr paddr,
                      struct table *out, size_t *out_entry_bytes)
{
    const struct acpi_rsdp *rsdp;
    struct area area;
    pvops_paddr rsdt;

    if (!open_area(reader, paddr, ACPI_RSDP_1_BYTES, &area) ||
        !is_rsdp(reader, &area, 0, ACPI_RSDP_1_BYTES))
        return false;
    rsdp = look(reader, &area, 0, ACPI_RSDP_1_BYTES);
    if (!rsdp)
        return false;
    rsdt = rsdp->rsdt;
    *out_entry_bytes = 8;
    if (rsdp->revision >= 2 && find_xsdt(reader, paddr, out))
        return true;
    *out_entry_bytes = 4;
    return open_root(reader, rsdt, out);
}

/* Ports are 16 bits, and the firmware's 'x_' field may be nonsense. */
static bool usable(const struct acpi_gas *gas)
{
    if (gas->space == ACPI_SPACE_IO && gas->address > UINT16_MAX)
        return false;
    return gas->address && gas->space <= ACPI_SPACE_PCI;
}

static struct pvi_acpi_register from_gas(struct acpi_gas gas)
{
    struct pvi_acpi_register reg = { 0, 0 };

    if (usable(&gas)) {
        reg.space = gas.space;
        reg.address = gas.address;
    }
    return reg;
}

static struct pvi_acpi_register from_block(struct acpi_gas gas, uint32_t port)
{
    if (usable(&gas) && gas.space != ACPI_SPACE_PCI)
        return from_gas(gas);
    return from_gas(
        (struct acpi_gas){ .space = ACPI_SPACE_IO, .address = port });
}

static void read_fadt(struct reader *reader, const struct table *table)
{
    struct acpi_fadt fadt = { .flags = 0 };
    size_t size = table->length < sizeof(fadt) ? table->length : sizeof(fadt);
    const uint8_t *bytes = look(reader, &table->area, 0, size);
    struct pvi_acpi *out = reader->out;
    struct pvi_acpi_register timer;

    for (size_t i = 0; bytes && i < size; i++)
        ((uint8_t *)&fadt)[i] = bytes[i];

    if (fadt.flags & ACPI_FADT_RESET)
        out->reset = from_gas(fadt.reset_reg);
    out->reset_value = fadt.reset_value;
    out->hw_reduced = fadt.flags & ACPI_FADT_HW_REDUCED;
    out->sleep_control = from_gas(fadt.sleep_control_reg);
    out->sleep_status = from_gas(fadt.sleep_status_reg);
    if (out->hw_reduced)
        return;

    out->pm1a_event = from_block(fadt.x_pm1a_evt_blk, fadt.pm1a_evt_blk);
    out->pm1b_event = from_block(fadt.x_pm1b_evt_blk, fadt.pm1b_evt_blk);
    out->pm1a_control = from_block(fadt.x_pm1a_cnt_blk, fadt.pm1a_cnt_blk);
    out->pm1b_control = from_block(fadt.x_pm1b_cnt_blk, fadt.pm1b_cnt_blk);
    if (fadt.smi_cmd <= UINT16_MAX && fadt.acpi_enable) {
        out->enable_port = (uint16_t)fadt.smi_cmd;
        out->enable = fadt.acpi_enable;
    }
    timer = from_block(fadt.x_pm_tmr_blk, fadt.pm_tmr_blk);
    if (timer.space == ACPI_SPACE_IO)
        out->pm_timer_port = (uint16_t)timer.address;
}

static void read_code(struct reader *reader, const struct table *table)
{
    struct pvi_acpi *out = reader->out;
    size_t piece = table->area.mapped ? table->length : LOOK_BYTES;
    size_t step = table->area.mapped ? table->length : STEP_BYTES;

    for (size_t at = sizeof(struct acpi_table); at < table->length && !out->s5;
         at += step) {
        size_t size = table->length - at < piece ? table->length - at : piece;
        const uint8_t *code = look(reader, &table->area, at, size);

        if (!code)
            return;
        out->s5 = aml_s5(code, size, &out->s5_a, &out->s5_b);
    }
}

static uint64_t load_at(struct reader *reader, const struct table *table,
                        size_t offset, size_t bytes)
{
    const uint8_t *at = look(reader, &table->area, offset, bytes);

    return at ? load(at, bytes) : 0;
}

static void read_dsdt(struct reader *reader, const struct table *fadt)
{
    struct acpi_table header;
    pvops_paddr paddr = 0;
    struct table dsdt;

    if (fadt->length >= offsetof(struct acpi_fadt, x_dsdt) + 8)
        paddr = load_at(reader, fadt, offsetof(struct acpi_fadt, x_dsdt), 8);
    if (!paddr)
        paddr = load_at(reader, fadt, offsetof(struct acpi_fadt, dsdt), 4);
    if (read_header(reader, paddr, &header) &&
        open_table(reader, paddr, &header, "DSDT", sizeof(header), &dsdt))
        read_code(reader, &dsdt);
}

static void read_hpet(struct reader *reader, const struct table *table)
{
    const struct acpi_hpet *hpet = look(reader, &table->area, 0, sizeof(*hpet));

    if (hpet && hpet->base.space == ACPI_SPACE_MEMORY)
        reader->out->hpet = hpet->base.address;
}

/* The first sound table of each kind counts. */
static void read_table(struct reader *reader, pvops_paddr paddr)
{
    struct pvi_acpi *out = reader->out;
    struct acpi_table header;
    struct table table;

    if (!read_header(reader, paddr, &header))
        return;
    if (!out->found &&
        open_table(reader, paddr, &header, "FACP", ACPI_FADT_1_BYTES, &table)) {
        out->found = true;
        read_fadt(reader, &table);
        read_dsdt(reader, &table);
    } else if (!out->s5 && open_table(reader, paddr, &header, "SSDT",
                                      sizeof(struct acpi_table), &table)) {
        read_code(reader, &table);
    } else if (!out->hpet && open_table(reader, paddr, &header, "HPET",
                                        sizeof(struct acpi_hpet), &table)) {
        read_hpet(reader, &table);
    } else if (!out->madt && open_table(reader, paddr, &header, "APIC",
                                        ACPI_MADT_BYTES, &table)) {
        out->madt = paddr;
    }
}

struct list {
    struct table root;
    size_t entry_bytes;
    size_t count;
};

/* All tables; none if there is no root. */
static void find_tables(struct reader *reader, pvops_paddr rsdp,
                        struct list *out)
{
    out->count = 0;
    if (!rsdp)
        rsdp = find_rsdp(reader);
    if (!rsdp || !find_root(reader, rsdp, &out->root, &out->entry_bytes))
        return;
    out->count =
        (out->root.length - sizeof(struct acpi_table)) / out->entry_bytes;
    if (out->count > MAX_TABLES)
        out->count = MAX_TABLES;
}

static pvops_paddr table_at(struct reader *reader, const struct list *list,
                            size_t index)
{
    return load_at(reader, &list->root,
                   sizeof(struct acpi_table) + index * list->entry_bytes,
                   list->entry_bytes);
}

void pvi_acpi_read(pvops_paddr rsdp, pvi_acpi_window *window,
                   struct pvi_acpi *out_acpi)
{
    struct reader reader = { .window = window, .out = out_acpi };
    struct list list;

    *out_acpi = (struct pvi_acpi){ .found = false };
    find_tables(&reader, rsdp, &list);
    for (size_t i = 0; i < list.count; i++)
        read_table(&reader, table_at(&reader, &list, i));
}

bool pvi_acpi_find(pvops_paddr rsdp, const char *signature,
                   struct pvi_acpi_table *out_table)
{
    struct reader reader = { .window = NULL };
    struct acpi_table header;
    struct table table;
    struct list list;

    find_tables(&reader, rsdp, &list);
    for (size_t i = 0; i < list.count; i++) {
        pvops_paddr paddr = table_at(&reader, &list, i);

        if (!read_header(&reader, paddr, &header) ||
            !same(header.signature, signature, 4))
            continue;
        *out_table = (struct pvi_acpi_table){ .paddr = paddr };
        if (open_table(&reader, paddr, &header, NULL, sizeof(header), &table)) {
            out_table->bytes = table.area.mapped;
            out_table->length = table.length;
        }
        return true;
    }
    return false;
}
