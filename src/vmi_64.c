/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit profile of VMI (docs/vmi64.md).
 */
#include "vmi.h"

#if PVOPS_VMI && defined(__x86_64__)

bool pvi_vmi_abi_find(const struct pvops_info *info,
                      const struct pvops_setup_options *options)
{
    (void)info;
    (void)options;
    return false;
}

bool pvi_vmi_abi_answers(struct pvi_vmi_answer answers[PVI_VMI_OPS],
                         uint32_t calls[8])
{
    (void)answers;
    (void)calls;
    return false;
}

const char *pvi_vmi_abi_call_name(unsigned call)
{
    (void)call;
    return NULL;
}

enum pvops_status pvi_vmi_abi_setup(void)
{
    return PVOPS_OK;
}

enum pvops_status pvi_vmi_abi_cpu_setup(struct pvops_cpu *cpu)
{
    (void)cpu;
    return PVOPS_OK;
}

void pvi_vmi_abi_cpu_teardown(struct pvops_cpu *cpu)
{
    (void)cpu;
}

#endif
