/* SPDX-License-Identifier: MIT */
/*
 * console_io: the serial port.
 */
#include "abi/xen.h"
#include "call/calls.h"
#include "dev/serial.h"
#include "mm/guest.h"

enum { CHUNK = 128 }; /* 11 ms at 115200 bits a second */

static long write(uint64_t count, uint64_t buffer)
{
    char chunk[CHUNK];
    size_t bytes = count < CHUNK ? count : CHUNK;

    if (!guest_read(chunk, buffer, bytes))
        return -XEN_EFAULT;
    serial_write(chunk, bytes);
    if (bytes == count)
        return 0;
    call_argument(2, count - bytes);
    call_argument(3, buffer + bytes);
    return call_again(__HYPERVISOR_console_io);
}

static long read(uint64_t count, uint64_t buffer)
{
    uint64_t done = 0;

    while (done < count) {
        int byte = serial_read();
        char c = (char)byte;

        if (byte < 0)
            break;
        if (!guest_write(buffer + done, &c, 1))
            return -XEN_EFAULT;
        done++;
    }
    return (long)done;
}

/* Xen's are ints. */
long call_console_io(uint64_t command, uint64_t count, uint64_t buffer)
{
    if ((int32_t)count < 0)
        return -XEN_E2BIG;
    count = (uint32_t)count;
    switch ((uint32_t)command) {
    case CONSOLEIO_write:
        return write(count, buffer);
    case CONSOLEIO_read:
        return read(count, buffer);
    }
    return call_unknown("console_io", (uint32_t)command);
}
