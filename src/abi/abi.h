/* SPDX-License-Identifier: MIT */
/*
 * Assertions that follow every struct shared with a hypervisor or a CPU.
 */
#ifndef ABI_ABI_H
#define ABI_ABI_H

#include <stddef.h>
#include <stdint.h>

#define ABI_SIZE(type, bytes)                                                  \
    _Static_assert(sizeof(type) == (bytes), #type " is not " #bytes " bytes")
#define ABI_OFFSET(type, field, bytes)                                         \
    _Static_assert(offsetof(type, field) == (bytes),                           \
                   #type "." #field " is not at " #bytes)

#endif /* ABI_ABI_H */
