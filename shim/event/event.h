/* SPDX-License-Identifier: MIT */
/*
 * Event channels, of the kind with two levels of bits in shared_info.
 */
#ifndef SHIM_EVENT_EVENT_H
#define SHIM_EVENT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

enum { EVENT_PORTS = 4096 };

/* Pending, and whoever waits for it is woken. */
void event_set(uint32_t port);

/* If it is bound. */
void event_virq(struct vcpu *vcpu, unsigned virq);

/* A port that may be masked. */
bool event_is_pending(uint32_t port);

/* EVTCHNOP_unmask of an open port. */
void event_unmask(uint32_t port);

/* Whose an open port is. */
struct vcpu *event_vcpu(uint32_t port);

/* Look at the events of a VCPU again: its vcpu_info has moved. */
void event_refresh(struct vcpu *vcpu);

/* Let another VCPU look at its events. */
void event_kick(struct vcpu *vcpu);

#endif /* SHIM_EVENT_EVENT_H */
