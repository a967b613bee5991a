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

/* One that was mapped whole and has the right sum. */
struct table {
    const uint8_t *bytes;
    uint32_t length;
    pvops_paddr paddr;
};

struct reader {
    enum pvops_map how;
    struct pvi_acpi *out;
};

static const void *map(const struct reader *reader, pvops_paddr paddr,
                       size_t bytes)
{
    if (!paddr || paddr + bytes < paddr)
        return NULL;
    return pvops_host_map(paddr, bytes, reader->how);
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

static bool sums_up(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint8_t sum = 0;

    while (size--)
        sum = (uint8_t)(sum + *at++);
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
static const struct acpi_table *header_at(const struct reader *reader,
                                          pvops_paddr paddr)
{
    return map(reader, paddr, sizeof(struct acpi_table));
}

/*
 * All of it, if 'header' has this signature (NULL: any) and the table is sound.
 */
static bool open_table(const struct reader *reader, pvops_paddr paddr,
                       const struct acpi_table *header, const char *signature,
                       size_t min_bytes, struct table *out)
{
    if (!header || (signature && !same(header->signature, signature, 4)))
        return false;
    /* Read once: nobody may change it between check and use. */
    out->length = header->length;
    if (out->length < min_bytes || out->length > MAX_TABLE_BYTES)
        return false;
    out->paddr = paddr;
    out->bytes = map(reader, paddr, out->length);
    return out->bytes && sums_up(out->bytes, out->length);
}

/* 'size' is how many bytes are mapped there. */
static bool is_rsdp(const struct acpi_rsdp *rsdp, size_t size)
{
    return size >= ACPI_RSDP_1_BYTES &&
           same(rsdp->signature, ACPI_RSDP_SIGNATURE, 8) &&
           sums_up(rsdp, ACPI_RSDP_1_BYTES);
}

static pvops_paddr search(const struct reader *reader, pvops_paddr from,
                          size_t bytes)
{
    const uint8_t *area = map(reader, from, bytes);

    for (size_t at = 0; area && at < bytes; at += ACPI_RSDP_STEP) {
        if (is_rsdp((const void *)(area + at), bytes - at))
            return from + at;
    }
    return 0;
}

static pvops_paddr find_rsdp(const struct reader *reader)
{
    const uint8_t *segment = map(reader, BIOS_EBDA, 2);
    pvops_paddr ebda = segment ? load(segment, 2) << 4 : 0;
    pvops_paddr found = 0;

    if (ebda && ebda < BIOS_AREA)
        found = search(reader, ebda, BIOS_EBDA_BYTES);
    return found ? found : search(reader, BIOS_AREA, BIOS_AREA_BYTES);
}

/*
 * The signature is not asked for: where the machine has no XSDT, the header of
 * the one that Xen 4.17 makes for a PVH dom0 is a copy of what lies at 0.
 */
static bool open_root(const struct reader *reader, pvops_paddr paddr,
                      struct table *out)
{
    return open_table(reader, paddr, header_at(reader, paddr), NULL,
                      sizeof(struct acpi_table), out);
}

/* The XSDT, or the RSDT if there is none that is sound. */
static bool find_root(const struct reader *reader, pvops_paddr paddr,
                      struct table *out, size_t *out_entry_bytes)
{
    const struct acpi_rsdp *rsdp = map(reader, paddr, ACPI_RSDP_1_BYTES);
    pvops_paddr rsdt;
    uint32_t length;

    if (!rsdp || !is_rsdp(rsdp, ACPI_RSDP_1_BYTES))
        return false;
    rsdt = rsdp->rsdt;
    if (rsdp->revision >= 2) {
        rsdp = map(reader, paddr, sizeof(*rsdp));
        length = rsdp ? rsdp->length : 0;
        if (length >= sizeof(*rsdp) && length <= MAX_RSDP_BYTES)
            rsdp = map(reader, paddr, length);
        else
            rsdp = NULL;
        *out_entry_bytes = 8;
        if (rsdp && sums_up(rsdp, length) && open_root(reader, rsdp->xsdt, out))
            return true;
    }
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

static void read_fadt(const struct reader *reader, const struct table *table)
{
    struct acpi_fadt fadt = { .flags = 0 };
    struct pvi_acpi *out = reader->out;
    struct pvi_acpi_register timer;

    for (size_t i = 0; i < sizeof(fadt) && i < table->length; i++)
        ((uint8_t *)&fadt)[i] = table->bytes[i];

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

static void read_code(const struct reader *reader, const struct table *table)
{
    struct pvi_acpi *out = reader->out;

    if (!out->s5)
        out->s5 = aml_s5(table->bytes + sizeof(struct acpi_table),
                         table->length - sizeof(struct acpi_table), &out->s5_a,
                         &out->s5_b);
}

static void read_dsdt(const struct reader *reader, const struct table *fadt)
{
    pvops_paddr paddr = 0;
    struct table dsdt;

    if (fadt->length >= offsetof(struct acpi_fadt, x_dsdt) + 8)
        paddr = load(fadt->bytes + offsetof(struct acpi_fadt, x_dsdt), 8);
    if (!paddr)
        paddr = load(fadt->bytes + offsetof(struct acpi_fadt, dsdt), 4);
    if (open_table(reader, paddr, header_at(reader, paddr), "DSDT",
                   sizeof(struct acpi_table), &dsdt))
        read_code(reader, &dsdt);
}

static void read_hpet(const struct reader *reader, const struct table *table)
{
    const struct acpi_hpet *hpet = (const void *)table->bytes;

    if (hpet->base.space == ACPI_SPACE_MEMORY)
        reader->out->hpet = hpet->base.address;
}

/* The first sound table of each kind counts. */
static void read_table(const struct reader *reader, pvops_paddr paddr)
{
    const struct acpi_table *header = header_at(reader, paddr);
    struct pvi_acpi *out = reader->out;
    struct table table;

    if (!out->found &&
        open_table(reader, paddr, header, "FACP", ACPI_FADT_1_BYTES, &table)) {
        out->found = true;
        read_fadt(reader, &table);
        read_dsdt(reader, &table);
    } else if (!out->s5 && open_table(reader, paddr, header, "SSDT",
                                      sizeof(struct acpi_table), &table)) {
        read_code(reader, &table);
    } else if (!out->hpet && open_table(reader, paddr, header, "HPET",
                                        sizeof(struct acpi_hpet), &table)) {
        read_hpet(reader, &table);
    } else if (!out->madt && open_table(reader, paddr, header, "APIC",
                                        ACPI_MADT_BYTES, &table)) {
        out->madt = table.paddr;
    }
}

void pvi_acpi_read(pvops_paddr rsdp, enum pvops_map how,
                   struct pvi_acpi *out_acpi)
{
    struct reader reader = { how, out_acpi };
    size_t entry_bytes, count;
    struct table root;

    *out_acpi = (struct pvi_acpi){ .found = false };
    if (!rsdp)
        rsdp = find_rsdp(&reader);
    if (!rsdp || !find_root(&reader, rsdp, &root, &entry_bytes))
        return;
    count = (root.length - sizeof(struct acpi_table)) / entry_bytes;
    for (size_t i = 0; i < count && i < MAX_TABLES; i++)
        read_table(&reader, load(root.bytes + sizeof(struct acpi_table) +
                                     i * entry_bytes,
                                 entry_bytes));
}
