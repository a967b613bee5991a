/* SPDX-License-Identifier: MIT */
/*
 * Console input; output is pvops_console_write() itself.
 */
#include <pvops/console.h>

#include "start.h"

char guest_read_byte(void)
{
    int byte;

    do {
        byte = pvops_console_read();
    } while (byte < 0);
    return (char)byte;
}
