/* SPDX-License-Identifier: MIT */
/*
 * From a vector to a port. An interrupt by level is masked until the guest says
 * that it has looked after it, so that it does not come again meanwhile.
 *
 * Source: Xen 4.17 xen/arch/x86/irq.c, physdev.c; xen/common/event_channel.c,
 *         evtchn_bind_pirq() (error numbers).
 */
#include "event/pirq.h"

#include "abi/xen.h"
#include "dev/ioapic.h"
#include "dev/lapic.h"
#include "dev/msi.h"
#include "dev/serial.h"
#include "domain/vcpu.h"
#include "event/event.h"
#include "mm/frame.h"
#include "mm/lock.h"
#include "mm/memory.h"

enum pirq_kind {
    PIRQ_FREE,
    PIRQ_RESERVED, /* by its number */
    PIRQ_LINE,
    PIRQ_MESSAGE,
};

static struct pirq {
    enum pirq_kind kind;
    bool set_up;    /* by PHYSDEVOP_setup_gsi */
    bool in_hand;   /* the guest's: masked until pirq_eoi() */
    uint8_t vector; /* 0: none */
    uint32_t port;  /* 0: none */
    struct ioapic_line line;
    struct msi msi;
} pirqs[PIRQS];

/* Number of the PIRQ and 1; 0: none. */
static uint16_t by_vector[VECTOR_DEVICE_LAST + 1];
static uint32_t gsi_end;
static unsigned long *eoi_page;
static bool eoi_unmasks;
static struct lock lock;

static uint8_t new_vector(uint32_t number)
{
    for (unsigned i = VECTOR_DEVICE; i <= VECTOR_DEVICE_LAST; i++) {
        if (!by_vector[i] && i != VECTOR_INT80) {
            by_vector[i] = (uint16_t)(number + 1);
            return (uint8_t)i;
        }
    }
    return 0;
}

static void free_vector(struct pirq *pirq)
{
    if (pirq->vector)
        by_vector[pirq->vector] = 0;
    pirq->vector = 0;
}

/* A destination has 8 bits; the boot CPU's always fits. */
static uint32_t destination(const struct vcpu *vcpu)
{
    return vcpu->apic_id < 255 ? vcpu->apic_id : vcpu_at(0)->apic_id;
}

static void needs_eoi(uint32_t number, bool needs)
{
    unsigned bits = 8 * sizeof(*eoi_page);
    unsigned long one = 1ul << number % bits;

    if (!eoi_page)
        return;
    if (needs)
        __atomic_fetch_or(&eoi_page[number / bits], one, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&eoi_page[number / bits], ~one, __ATOMIC_SEQ_CST);
}

void pirq_setup(void)
{
    gsi_end = ioapic_gsi_end();
    if (gsi_end > PIRQS / 2)
        gsi_end = PIRQS / 2;
    for (uint32_t i = 0; i < gsi_end; i++)
        pirqs[i].line =
            i < 16 ? ioapic_isa(i) : (struct ioapic_line){ .gsi = i };
}

static struct pirq *line_of(uint32_t gsi)
{
    return gsi < gsi_end && ioapic_has(pirqs[gsi].line.gsi) ? &pirqs[gsi]
                                                            : NULL;
}

int pirq_set_up_line(uint32_t gsi, bool level, bool low)
{
    struct pirq *pirq;
    int result = 0;

    lock_take(&lock);
    pirq = line_of(gsi);
    if (!pirq) {
        result = -XEN_EINVAL;
    } else if (pirq->set_up || pirq->port) {
        result = -XEN_EEXIST;
    } else {
        pirq->line = (struct ioapic_line){ gsi, level, low };
        pirq->set_up = true;
    }
    lock_release(&lock);
    return result;
}

/* Xen's numbers of lines are their GSIs. */
int pirq_map_line(int gsi, int number)
{
    struct pirq *pirq;
    int result = gsi;

    lock_take(&lock);
    pirq = gsi < 0 ? NULL : line_of((uint32_t)gsi);
    if (!pirq)
        result = -XEN_EINVAL;
    else if (number >= 0 && number != gsi)
        result = -XEN_EEXIST;
    else
        pirq->kind = PIRQ_LINE;
    lock_release(&lock);
    return result;
}

static int free_number(void)
{
    for (unsigned i = PIRQS; i-- > gsi_end;) {
        if (pirqs[i].kind == PIRQ_FREE)
            return (int)i;
    }
    return -XEN_ENOSPC;
}

int pirq_reserve(void)
{
    int number;

    lock_take(&lock);
    number = free_number();
    if (number >= 0)
        pirqs[number].kind = PIRQ_RESERVED;
    lock_release(&lock);
    return number;
}

static int map_message(const struct msi *msi, int number)
{
    struct pirq *pirq;

    if (number < 0)
        number = free_number();
    if (number < 0)
        return number;
    if ((uint32_t)number < gsi_end || number >= PIRQS)
        return -XEN_EINVAL;
    pirq = &pirqs[number];
    if (pirq->kind != PIRQ_FREE && pirq->kind != PIRQ_RESERVED)
        return -XEN_EEXIST;
    pirq->vector = new_vector((uint32_t)number);
    if (!pirq->vector)
        return -XEN_ENOSPC;
    pirq->kind = PIRQ_MESSAGE;
    pirq->msi = *msi;
    msi_mask(msi, true);
    msi_route(msi, pirq->vector, destination(vcpu_at(0)));
    return number;
}

int pirq_map_message(const struct msi *msi, int number)
{
    lock_take(&lock);
    number = map_message(msi, number);
    lock_release(&lock);
    return number;
}

static void unbind(uint32_t number)
{
    struct pirq *pirq = &pirqs[number];

    if (!pirq->port)
        return;
    pirq->port = 0;
    pirq->in_hand = false;
    needs_eoi(number, false);
    if (pirq->kind == PIRQ_MESSAGE) {
        msi_mask(&pirq->msi, true);
        return;
    }
    ioapic_mask(&pirq->line, pirq->vector, true);
    free_vector(pirq);
    if (pirq->line.gsi == serial_gsi())
        serial_listen(true);
}

/* A line stays as it was set up. */
int pirq_unmap(uint32_t number)
{
    struct pirq *pirq;
    int result = -XEN_EINVAL;

    if (number >= PIRQS)
        return -XEN_EINVAL;
    lock_take(&lock);
    pirq = &pirqs[number];
    if (pirq->kind != PIRQ_FREE) {
        unbind(number);
        free_vector(pirq);
        pirq->kind = PIRQ_FREE;
        result = 0;
    }
    lock_release(&lock);
    return result;
}

static int bind(uint32_t number, uint32_t port, const struct vcpu *vcpu)
{
    struct pirq *pirq = &pirqs[number];

    if (pirq->kind != PIRQ_LINE && pirq->kind != PIRQ_MESSAGE)
        return -XEN_EINVAL;
    if (pirq->port)
        return -XEN_EEXIST;
    if (!pirq->vector)
        pirq->vector = new_vector(number);
    if (!pirq->vector)
        return -XEN_ENOSPC;
    pirq->port = port;
    if (pirq->kind == PIRQ_MESSAGE) {
        msi_move(&pirq->msi, destination(vcpu));
        msi_mask(&pirq->msi, false);
        return 0;
    }
    if (pirq->line.gsi == serial_gsi())
        serial_listen(false);
    needs_eoi(number, pirq->line.level);
    ioapic_route(&pirq->line, pirq->vector, destination(vcpu));
    return 0;
}

int pirq_bind(uint32_t number, uint32_t port, const struct vcpu *vcpu)
{
    int result;

    if (number >= PIRQS)
        return -XEN_EINVAL;
    lock_take(&lock);
    result = bind(number, port, vcpu);
    lock_release(&lock);
    return result;
}

void pirq_unbind(uint32_t number)
{
    lock_take(&lock);
    unbind(number);
    lock_release(&lock);
}

void pirq_move(uint32_t number, const struct vcpu *vcpu)
{
    const struct pirq *pirq = &pirqs[number];

    lock_take(&lock);
    if (pirq->kind == PIRQ_MESSAGE)
        msi_move(&pirq->msi, destination(vcpu));
    else
        ioapic_move(&pirq->line, destination(vcpu));
    lock_release(&lock);
}

int pirq_eoi(uint32_t number)
{
    struct pirq *pirq;

    if (number >= PIRQS)
        return -XEN_EINVAL;
    lock_take(&lock);
    pirq = &pirqs[number];
    if (eoi_unmasks && pirq->port)
        event_unmask(pirq->port);
    if (pirq->in_hand) {
        pirq->in_hand = false;
        ioapic_mask(&pirq->line, pirq->vector, false);
    }
    lock_release(&lock);
    return 0;
}

/* It stays writable, and so no table. */
int pirq_set_eoi_page(uint64_t frame, bool unmasks)
{
    int result;

    if (eoi_page)
        return -XEN_EBUSY;
    lock_take(&mm_lock);
    result = frame_get(frame, FRAME_WRITABLE);
    lock_release(&mm_lock);
    if (result < 0)
        return -XEN_EINVAL;
    lock_take(&lock);
    eoi_page = memory_frame(frame);
    eoi_unmasks = unmasks;
    for (uint32_t i = 0; i < gsi_end; i++)
        needs_eoi(i, pirqs[i].port && pirqs[i].line.level);
    lock_release(&lock);
    return 0;
}

void pirq_restore_messages(uint32_t device)
{
    lock_take(&lock);
    for (unsigned i = gsi_end; i < PIRQS; i++) {
        const struct pirq *pirq = &pirqs[i];
        uint32_t port = pirq->port;

        if (pirq->kind != PIRQ_MESSAGE || pirq->msi.device != device)
            continue;
        msi_route(&pirq->msi, pirq->vector,
                  destination(port ? event_vcpu(port) : vcpu_at(0)));
        msi_mask(&pirq->msi, !port);
    }
    lock_release(&lock);
}

void pirq_interrupt(unsigned vector)
{
    struct pirq *pirq;

    lock_take(&lock);
    if (by_vector[vector]) {
        pirq = &pirqs[by_vector[vector] - 1];
        if (pirq->kind == PIRQ_LINE && pirq->line.level) {
            ioapic_mask(&pirq->line, vector, true);
            pirq->in_hand = true;
        }
        if (pirq->port)
            event_set(pirq->port);
    }
    lock_release(&lock);
}
