/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of lines: the CMOS clock's, which can be told to come 1024 times
 * a second.
 *
 * Source: Motorola MC146818A data sheet (registers A, B, C).
 */
#ifndef DOM0_LINES_H
#define DOM0_LINES_H

enum {
    CLOCK_IRQ = 8,
    CLOCK_A = 10,
    CLOCK_B = 11,
    CLOCK_C = 12,
    CLOCK_RATE_1024 = 0x26,
    CLOCK_PERIODIC = 0x40,
    LOOKS = 3000000,
    TIMES = 5,
};

static uint8_t eoi_page[PAGE] __attribute__((aligned(PAGE)));

static uint8_t clock_read(uint8_t reg)
{
    outb(0x70, reg);
    return inb(0x71);
}

static void clock_write(uint8_t reg, uint8_t value)
{
    outb(0x70, reg);
    outb(0x71, value);
}

/* Pending, and is taken. */
static bool came(uint32_t port)
{
    unsigned long one = 1ul << port % 64;

    for (unsigned i = 0; i < LOOKS; i++) {
        if (__atomic_fetch_and(&shared->evtchn_pending[port / 64], ~one,
                               __ATOMIC_SEQ_CST) &
            one)
            return true;
        __asm__ volatile("pause");
    }
    return false;
}

static bool bound(uint32_t *out_port)
{
    struct physdev_map_pirq map_pirq = {
        .domid = DOMID_SELF,
        .type = MAP_PIRQ_TYPE_GSI,
        .index = CLOCK_IRQ,
        .pirq = CLOCK_IRQ,
    };
    struct evtchn_bind_pirq bind = { .pirq = CLOCK_IRQ };
    struct evtchn_status status = { .dom = DOMID_SELF };

    if (!is("map_pirq of a line", physdev(PHYSDEVOP_map_pirq, &map_pirq), 0) ||
        !is("its number", map_pirq.pirq, CLOCK_IRQ) ||
        !is("bind_pirq", event(EVTCHNOP_bind_pirq, &bind), 0))
        return false;
    *out_port = status.port = bind.port;
    return is("bind_pirq again", event(EVTCHNOP_bind_pirq, &bind),
              -XEN_EEXIST) &&
           is("status", event(EVTCHNOP_status, &status), 0) &&
           is("it says", status.status, EVTCHNSTAT_pirq) &&
           is("and the number", status.u.virq, CLOCK_IRQ);
}

static bool ticks(uint32_t port)
{
    struct physdev_eoi eoi = { .irq = CLOCK_IRQ };
    struct evtchn_port close = { port };
    uint8_t before = clock_read(CLOCK_B);
    unsigned count = 0;

    clock_write(CLOCK_A, CLOCK_RATE_1024);
    clock_write(CLOCK_B, before | CLOCK_PERIODIC);
    (void)clock_read(CLOCK_C);
    while (count < TIMES && came(port)) {
        (void)clock_read(CLOCK_C);
        if (!is("eoi", physdev(PHYSDEVOP_eoi, &eoi), 0))
            break;
        count++;
    }
    is("close", event(EVTCHNOP_close, &close), 0);
    (void)clock_read(CLOCK_C);
    if (came(port))
        guest_fail("dom0", "a line is heard that is closed");
    clock_write(CLOCK_B, before);
    return is("interrupts of the clock", count, TIMES);
}

/* A page, of which an edge needs nothing; and PHYSDEVOP_eoi unmasks. */
static bool page(void)
{
    struct physdev_pirq_eoi_gmfn op = { frame_of(eoi_page) };

    return is("pirq_eoi_gmfn", physdev(PHYSDEVOP_pirq_eoi_gmfn_v1, &op), 0) &&
           is("pirq_eoi_gmfn again", physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &op),
              -XEN_EBUSY);
}

static bool unmasks(uint32_t port)
{
    unsigned long one = 1ul << port % 64, *mask = shared->evtchn_mask;
    struct physdev_eoi eoi = { .irq = CLOCK_IRQ };

    __atomic_fetch_or(&mask[port / 64], one, __ATOMIC_SEQ_CST);
    return is("eoi", physdev(PHYSDEVOP_eoi, &eoi), 0) &&
           is("it unmasks", !(mask[port / 64] & one), true) &&
           is("an edge needs no eoi", eoi_page[CLOCK_IRQ / 8], 0);
}

static inline void dom0_lines(void)
{
    struct physdev_map_pirq far = {
        .domid = DOMID_SELF,
        .type = MAP_PIRQ_TYPE_GSI,
        .index = 100000,
        .pirq = -1,
    };
    struct physdev_setup_gsi gsi = { .gsi = 23,
                                     .triggering = 1,
                                     .polarity = 1 };
    struct physdev_irq_status_query query = { .irq = CLOCK_IRQ };
    uint32_t port;

    if (is("map_pirq of no line", physdev(PHYSDEVOP_map_pirq, &far),
           -XEN_EINVAL) &&
        is("setup_gsi", physdev(PHYSDEVOP_setup_gsi, &gsi), 0) &&
        is("setup_gsi again", physdev(PHYSDEVOP_setup_gsi, &gsi),
           -XEN_EEXIST) &&
        is("status_query", physdev(PHYSDEVOP_irq_status_query, &query), 0) &&
        is("its answer", query.flags, XENIRQSTAT_needs_eoi) && page() &&
        bound(&port) && unmasks(port) && ticks(port))
        guest_pass("lines");
}

#endif /* DOM0_LINES_H */
