/* SPDX-License-Identifier: MIT */
/*
 * The tables of ops, and what is in them before a backend comes.
 *
 * Poison until pvops_setup(): native ops are fatal on Xen PV, so nothing may
 * be taken for granted before the choice. With PVOPS_FULL=0 there is no such
 * choice for irq, cpu and mmu, and their tables are native from the start.
 */
#include "internal.h"

/* No op pointer may differ in size from what assembly counts with. */
_Static_assert(sizeof(void (*)(void)) == PVOPS_POINTER_BYTES, "pointer");

#define PVOPS_OP(chapter, name, class)                                         \
    _Static_assert(offsetof(struct pvops_##chapter##_table, name) ==           \
                       PVOPS_OFF_##chapter##_##name,                           \
                   "offsets.h: " #chapter "_" #name);
#include "ops.def"
#undef PVOPS_OP

/* Every op is in ops.def: the tables are as long as their lists. */
#define PVOPS_OP(chapter, name, class) OPS_BEFORE_##chapter##_##name,
enum {
#include "ops.def"
    OPS
};
#undef PVOPS_OP
_Static_assert(sizeof(struct pvops_irq_table) + sizeof(struct pvops_cpu_table) +
                       sizeof(struct pvops_mmu_table) +
                       sizeof(struct pvops_time_table) +
                       sizeof(struct pvops_smp_table) +
                       sizeof(struct pvops_lock_table) ==
                   OPS * PVOPS_POINTER_BYTES,
               "an op is missing from ops.def");

_Static_assert(offsetof(struct pvops_cpu, self) == PVOPS_OFF_self, "self");
_Static_assert(offsetof(struct pvops_cpu, xen_vcpu_info) ==
                   PVOPS_OFF_xen_vcpu_info,
               "xen_vcpu_info");

static PVOPS_NORETURN void poison(const char *op)
{
    pvi_panic("pvops_%s before pvops_setup()", op);
}

/* One function an op, so that it knows its name; unused ones are dropped. */
#define PVOPS_OP(chapter, name, class)                                         \
    static PVOPS_NORETURN                                                      \
        __attribute__((unused)) void poison_##chapter##_##name(void)           \
    {                                                                          \
        poison(#chapter "_" #name);                                            \
    }
#include "ops.def"
#undef PVOPS_OP

/* Nobody returns from poison, so its calling convention does not matter. */
#define POISON(chapter, name)                                                  \
    .name = (__typeof__(pvops_##chapter##_table.name))poison_##chapter##_##name,
#define NATIVE(chapter, name) .name = pvi_native_##chapter##_##name,

#if PVOPS_FULL
#define FIRST_FULL POISON
#else
#define FIRST_FULL NATIVE
#endif

/* ops.def lists all chapters: IN_<chapter> takes one of them at a time. */
/* With -flto the compiler knows nothing of the call sites: hence "used". */
#define TABLE                          __attribute__((used))
#define PVOPS_OP(chapter, name, class) IN_##chapter(chapter, name)
#define IN_cpu(chapter, name)
#define IN_mmu(chapter, name)
#define IN_time(chapter, name)
#define IN_smp(chapter, name)
#define IN_lock(chapter, name)
#define IN_irq FIRST_FULL
TABLE struct pvops_irq_table pvops_irq_table = {
#include "ops.def"
};
#undef IN_irq
#undef IN_cpu
#define IN_irq(chapter, name)
#define IN_cpu FIRST_FULL
TABLE struct pvops_cpu_table pvops_cpu_table = {
#include "ops.def"
};
#undef IN_cpu
#undef IN_mmu
#define IN_cpu(chapter, name)
#define IN_mmu FIRST_FULL
TABLE struct pvops_mmu_table pvops_mmu_table = {
#include "ops.def"
};
#undef IN_mmu
#undef IN_time
#define IN_mmu(chapter, name)
#define IN_time POISON
TABLE struct pvops_time_table pvops_time_table = {
#include "ops.def"
};
#undef IN_time
#undef IN_smp
#define IN_time(chapter, name)
#define IN_smp POISON
TABLE struct pvops_smp_table pvops_smp_table = {
#include "ops.def"
};
#undef IN_smp
#undef IN_lock
#define IN_smp(chapter, name)
#define IN_lock POISON
TABLE struct pvops_lock_table pvops_lock_table = {
#include "ops.def"
};
#undef PVOPS_OP

void pvi_tables_native(void)
{
#define PVOPS_OP(chapter, name, class)                                         \
    pvops_##chapter##_table.name = pvi_native_##chapter##_##name;
#include "ops.def"
#undef PVOPS_OP
}

void pvi_install(const struct pvi_op *ops, const char *when)
{
    for (; ops->slot; ops++) {
        if (ops->when == when)
            __builtin_memcpy(ops->slot, &ops->function, sizeof(ops->function));
    }
}
