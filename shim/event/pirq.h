/* SPDX-License-Identifier: MIT */
/*
 * PIRQs: interrupts of devices, each of which may be bound to a port.
 *
 * Numbers below ioapic_gsi_end() are pins of I/O APICs, as under Xen; messages
 * have those from the last one down. A vector is one PIRQ's on all CPUs.
 */
#ifndef SHIM_EVENT_PIRQ_H
#define SHIM_EVENT_PIRQ_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

enum { PIRQS = 512 };

/* All I/O APICs are known. */
void pirq_setup(void);

/* PHYSDEVOP_setup_gsi. All here return 0 or a number, or -XEN_E*. */
int pirq_set_up_line(uint32_t gsi, bool level, bool low);

/* PHYSDEVOP_map_pirq; 'number' may be -1: any. The PIRQ's number. */
int pirq_map_line(int gsi, int number);
struct msi;
int pirq_map_message(const struct msi *msi, int number);
int pirq_unmap(uint32_t number);
/* One for pirq_map_message(). */
int pirq_reserve(void);

/* A port of event.c's, from now on; and no longer. */
int pirq_bind(uint32_t number, uint32_t port, const struct vcpu *vcpu);
void pirq_unbind(uint32_t number);
/* It comes to another VCPU's CPU from now on. */
void pirq_move(uint32_t number, const struct vcpu *vcpu);

/* PHYSDEVOP_eoi: the guest has looked after it. */
int pirq_eoi(uint32_t number);

/*
 * A page of a bit for each PIRQ that needs PHYSDEVOP_eoi; whether that unmasks
 * the port as well.
 */
int pirq_set_eoi_page(uint64_t frame, bool unmasks);

/* The messages of a device are written again. */
void pirq_restore_messages(uint32_t device);

/* One of the vectors VECTOR_DEVICE to VECTOR_DEVICE_LAST. */
void pirq_interrupt(unsigned vector);

#endif /* SHIM_EVENT_PIRQ_H */
