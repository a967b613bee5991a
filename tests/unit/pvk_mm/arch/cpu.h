/* SPDX-License-Identifier: MIT */
/*
 * In place of pvk's: the model has one CPU.
 */
#ifndef PVK_ARCH_CPU_H
#define PVK_ARCH_CPU_H

struct space;

/* What kernel/mm keeps for each. */
struct percpu {
    struct space *space;
};

extern struct percpu model_percpu;

static inline struct percpu *this_cpu(void)
{
    return &model_percpu;
}

#endif /* PVK_ARCH_CPU_H */
