/* SPDX-License-Identifier: MIT */
/*
 * xensyms: where functions of the Xen beneath this dom0 are: a line
 * "xensyms: NAME 0xADDRESS" for each word of the command line that is a symbol.
 *
 * For pvlab run --where with an address of Xen's as a place.
 *
 * Source: Xen xen/include/public/platform.h, XENPF_get_symbol.
 */
#include <guest.h>

#include "start/start.h"

/* start/xen_call.S */
long xen_hypercall(unsigned number, uintptr_t a1, uintptr_t a2, uintptr_t a3);

enum { PLATFORM_OP = 7, GET_SYMBOL = 63, MOST_NAME = 128 };
#define PLATFORM_OP_VERSION 0x03000001u

/* struct xen_platform_op with struct xenpf_symdata in it. */
struct get_symbol {
    uint32_t cmd, version;
    uint32_t name_bytes; /* in: room; out: length of the whole name */
    uint32_t number;     /* in: which; out: the next, or the same at the end */
    char *name;
    uint64_t address;
    char type;
    uint8_t rest[136 - 33];
};
_Static_assert(sizeof(struct get_symbol) == 136, "xen_platform_op");

/* Whether 'line' has the word; a file's name before a '#' is left out. */
static bool is_wanted(const char *symbol)
{
    const char *at = guest_boot.cmdline;

    for (const char *c = symbol; *c; c++) {
        if (*c == '#')
            symbol = c + 1;
    }
    while (*at) {
        const char *c = symbol;

        while (*c && *at == *c) {
            at++;
            c++;
        }
        if (!*c && (!*at || *at == ' '))
            return true;
        while (*at && *at != ' ')
            at++;
        while (*at == ' ')
            at++;
    }
    return false;
}

void guest_main(void)
{
    static char name[MOST_NAME];
    struct get_symbol call;
    uint32_t number = 0;
    unsigned found = 0;

    guest_begin();
    for (;;) {
        long result;

        call = (struct get_symbol){
            .cmd = GET_SYMBOL,
            .version = PLATFORM_OP_VERSION,
            .name_bytes = MOST_NAME,
            .number = number,
            .name = name,
        };
        result = xen_hypercall(PLATFORM_OP, (uintptr_t)&call, 0, 0);
        if (result < 0) {
            guest_fail("symbols", "Xen does not tell them: error %u",
                       (unsigned)-result);
            break;
        }
        if (call.number == number)
            break;
        number = call.number;
        name[call.name_bytes < MOST_NAME ? call.name_bytes : MOST_NAME - 1] =
            '\0';
        if (is_wanted(name)) {
            guest_text("xensyms: %s 0x%llx\n", name,
                       (unsigned long long)call.address);
            found++;
        }
    }
    if (found)
        guest_pass("symbols");
    else
        guest_fail("symbols", "none of those is among %u", (unsigned)number);
    guest_end();
}
