/* SPDX-License-Identifier: MIT */
/*
 * A virtual CPU for the emulation's tests: code, memory and a log of what was
 * asked.
 *
 * Memory is three pages at MODEL_MEMORY bytes behind the code, below 2 GiB.
 * They are there twice: under the addresses that instructions use, where the
 * real CPU may execute them, and in model.shadow, where the emulation works.
 */
#ifndef MODEL_H
#define MODEL_H

#include "emulate/emulate.h"

#include <pvtest.h>

enum {
    MODEL_PAGE = 4096,
    MODEL_PAGES = 3,
    MODEL_BYTES = MODEL_PAGES * MODEL_PAGE,
    MODEL_MEMORY = 2 * MODEL_PAGE, /* from the code */
    MODEL_TABLE = MODEL_MEMORY + MODEL_PAGE,
    MODEL_LOG = 8192,
    MODEL_FS_BASE = 0x2340,
    MODEL_GS_BASE = 0x10468,
};

struct model {
    struct emulate_cpu cpu;
    struct cpu_user_regs regs;
    struct cpu_user_regs before;
    struct emulate_fault fault;

    uint8_t *code;     /* RIP; the memory's address is 'code + MODEL_MEMORY' */
    unsigned readable; /* bytes of it */
    _Alignas(8) uint8_t shadow[MODEL_BYTES];

    struct emulate_update updates[MODEL_LOG];
    unsigned update_count;
    uint64_t set_meanwhile;     /* by the CPU, before the next update */
    enum emulate_result answer; /* of what may answer; EMULATE_DONE */
    unsigned answer_after;      /* so many that are done */

    uint64_t cr[5], dr[8];
    uint32_t number; /* of the last MSR, XCR, CR or DR */
    uint64_t value;  /* written to it, or what an MSR or a port has */
    uint64_t tsc, tsc_aux;
    bool written;

    bool bitmap; /* what port_allowed() answers */
    uint16_t port;
    unsigned port_bytes, port_count;
    uint32_t port_values[MODEL_LOG];
    unsigned written_back, invalidated;
};

extern struct model model;

/*
 * A new one: kernel mode of 64 bits, I/O privilege level 0, every register with
 * a value of its own, memory with a pattern, 'bytes' at RIP.
 */
void model_code(const void *bytes, unsigned count);
#define MODEL_CODE(...)                                                        \
    do {                                                                       \
        static const uint8_t bytes_[] = { __VA_ARGS__ };                       \
                                                                               \
        model_code(bytes_, sizeof(bytes_));                                    \
    } while (0)

/* As what the instruction knows them. */
uint64_t model_address(unsigned offset);
uint64_t model_entry(unsigned offset);
void model_set_entry(unsigned offset, uint64_t value);

/* Each checks that nothing has changed if the fault is not ours. */
enum emulate_result model_privileged(void);
enum emulate_result model_invalid(void);
enum emulate_result model_write(uint64_t address);

/* What model_code() had has changed in RIP, by 'bytes', and in nothing else. */
void model_expect_only_rip(unsigned bytes);

#endif /* MODEL_H */
