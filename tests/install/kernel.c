/* SPDX-License-Identifier: MIT */
/*
 * A kernel's C part that takes the clock and, with FULL, the life cycle; what
 * is installed must be enough to compile and link it. Nothing runs it.
 */
#include <pvops/clock.h>
#ifdef FULL
#include <pvops/pvops.h>
#endif

static struct pvops_info info;
static struct pvops_clock the_clock;

/* A kernel's own, by a name that the library has inside. */
int pvi_log(void);
int pvi_log(void)
{
    return 0;
}

#ifdef HOST
void pvops_host_log(enum pvops_log_level level, const char *line)
{
    (void)level;
    (void)line;
}

void pvops_host_panic(const char *why)
{
    (void)why;
    for (;;)
        ;
}

pvops_paddr pvops_host_paddr(const void *va)
{
    return (uintptr_t)va;
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    (void)bytes;
    (void)how;
    return (void *)(uintptr_t)paddr;
}

void *pvops_host_va(pvops_paddr paddr)
{
    return (void *)(uintptr_t)paddr;
}

void *pvops_host_text(const void *text, size_t bytes)
{
    (void)bytes;
    return (void *)(uintptr_t)text;
}

bool pvops_host_rom(const struct pvops_rom *rom)
{
    (void)rom;
    return false;
}
#endif

/* A compiler may call these anywhere. */
void *memset(void *to, int byte, size_t bytes);
void *memset(void *to, int byte, size_t bytes)
{
    for (volatile char *at = to; bytes; bytes--)
        *at++ = (char)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes)
{
    const char *byte = from;

    for (volatile char *at = to; bytes; bytes--)
        *at++ = *byte++;
    return to;
}

int memcmp(const void *one, const void *other, size_t bytes);
int memcmp(const void *one, const void *other, size_t bytes)
{
    const volatile unsigned char *a = one, *b = other;

    for (; bytes; bytes--, a++, b++) {
        if (*a != *b)
            return *a - *b;
    }
    return 0;
}

uint64_t _start(void);
uint64_t _start(void)
{
    struct pvops_probe_options options = { .page = NULL };

    pvops_probe(&options, &info);
    pvops_clock_start(&the_clock, &info, NULL, 0);
#ifdef FULL
    struct pvops_setup_options setup = { .probe = &options };

    if (pvops_setup(&info, &setup) != PVOPS_OK)
        return 0;
    pvops_irq_disable();
#endif
    return pvops_clock_now_ns(&the_clock);
}
