/* SPDX-License-Identifier: MIT */
/*
 * Before pvops_setup() each op panics with its own name.
 *
 * Tried: "#name" left out of poison_*'s text, or one table initialised as
 * native, fails here; an op left out of ops.def, or a wrong number in
 * offsets.h, does not compile.
 */
#include "pvtest.h"
#include "internal.h"

#include <setjmp.h>

static jmp_buf after_panic;
static char last_words[128];

struct pvi_state pvi;

void pvops_host_panic(const char *why)
{
    snprintf(last_words, sizeof(last_words), "%s", why);
    longjmp(after_panic, 1);
}

void pvops_host_log(enum pvops_log_level level, const char *line)
{
    (void)level;
    FAIL("log: %s", line);
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    (void)how;
    FAIL("map of %zu bytes at %" PRIu64, bytes, paddr);
}

static const struct {
    const char *name;
    void *slot;
} ops[] = {
#define PVOPS_OP(chapter, name, class)                                         \
    { #chapter "_" #name, &pvops_##chapter##_table.name },
#include "ops.def"
#undef PVOPS_OP
};
enum { OPS = sizeof(ops) / sizeof(ops[0]) };

static const char *panic_of(void *slot)
{
    void (*op)(void);

    memcpy(&op, slot, sizeof(op));
    last_words[0] = '\0';
    if (!setjmp(after_panic))
        op();
    return last_words;
}

PVTEST(poison, "each op says its own name")
{
    EXPECT_EQ(53, OPS);
    for (unsigned i = 0; i < OPS; i++) {
        char want[128];

        snprintf(want, sizeof(want), "pvops_%s before pvops_setup()",
                 ops[i].name);
        EXPECT_STR(want, panic_of(ops[i].slot));
    }
}

PVTEST(native, "all ops are native, none is NULL, the two are different")
{
    void *before[OPS], *after[OPS];

    for (unsigned i = 0; i < OPS; i++)
        memcpy(&before[i], ops[i].slot, sizeof(before[i]));
    pvi_tables_native();
    for (unsigned i = 0; i < OPS; i++) {
        memcpy(&after[i], ops[i].slot, sizeof(after[i]));
        EXPECT(after[i]);
        EXPECT(after[i] != before[i]);
        for (unsigned j = 0; j < i; j++)
            EXPECT(after[i] != after[j]);
    }
    EXPECT(pvops_irq_table.enable == pvi_native_irq_enable);
    EXPECT(pvops_mmu_table.write_entry == pvi_native_mmu_write_entry);
    EXPECT(pvops_time_table.now_ns == pvi_native_time_now_ns);
}
