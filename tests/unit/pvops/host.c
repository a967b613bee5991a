/* SPDX-License-Identifier: MIT */
/*
 * The embedding kernel of unit tests.
 */
#include "host.h"

#include <stdio.h>
#include <string.h>

#include "pvtest.h"

#define WEAK __attribute__((weak))

struct host host;

void host_reset(void)
{
    memset(&host, 0, sizeof(host));
}

bool host_logged(const char *text)
{
    return strstr(host.log, text) != NULL;
}

/* What the contract promises of a line is checked here, once for all. */
static void check_line(const char *line)
{
    if (strlen(line) > 120)
        FAIL("a line of more than 120 bytes: %s", line);
    for (; *line; line++) {
        if (*line < ' ' || *line > '~')
            FAIL("a line with byte 0x%x", (unsigned char)*line);
    }
}

WEAK void pvops_host_log(enum pvops_log_level level, const char *line)
{
    size_t used = strlen(host.log);

    (void)level;
    check_line(line);
    if (host.on_log)
        host.on_log();
    snprintf(host.log + used, sizeof(host.log) - used, "%s\n", line);
}

WEAK void pvops_host_panic(const char *why)
{
    check_line(why);
    if (!host.expect_panic)
        FAIL("panic: %s", why);
    host.expect_panic = false;
    snprintf(host.panic, sizeof(host.panic), "%s", why);
    longjmp(host.panic_jump, 1);
}

WEAK pvops_paddr pvops_host_paddr(const void *va)
{
    return (uintptr_t)va;
}

WEAK void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    (void)bytes;
    host.mapped = paddr;
    return how == PVOPS_MAP_DEVICE ? host.device : NULL;
}

WEAK void *pvops_host_va(pvops_paddr paddr)
{
    return (void *)(uintptr_t)paddr;
}

WEAK void *pvops_host_text(const void *text, size_t bytes)
{
    (void)text;
    (void)bytes;
    return NULL;
}

WEAK bool pvops_host_rom(const struct pvops_rom *rom)
{
    return host.on_rom && host.on_rom(rom);
}
