/* SPDX-License-Identifier: MIT */
/*
 * A CPU's GDT and LDT: the guest's pages, and behind those of the GDT the
 * shim's own segments.
 */
#ifndef SHIM_DOMAIN_DESCRIPTORS_H
#define SHIM_DOMAIN_DESCRIPTORS_H

#include <stdint.h>

struct vcpu;

/* The shim's part, on the CPU that this runs on. */
void descriptors_load(struct vcpu *vcpu);

/* 0, or -XEN_EINVAL and nothing has changed. 'vcpu' is this one, or down. */
int descriptors_set_gdt(struct vcpu *vcpu, const uint64_t *frame_list,
                        unsigned entries);

/* Of this CPU: pages that are not mapped, or no LDT's, are left out. */
int descriptors_set_ldt(uint64_t base, unsigned entries);

#endif /* SHIM_DOMAIN_DESCRIPTORS_H */
