/* SPDX-License-Identifier: MIT */
/*
 * As little of gdb's remote protocol as it takes: a hardware breakpoint,
 * "continue", the stop reply, the breakpoint's removal.
 *
 * Source: GDB manual, appendix "GDB Remote Serial Protocol". That QEMU stays
 * stopped when its gdb goes away without detaching was seen on 7.2.
 */
#include "qemu/gdb_stop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/now.h"
#include "base/stop.h"

static int connect_to(unsigned port, double end)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    while (now_s() < end && !stop_requested()) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
            return -1;
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
            return fd;
        close(fd);
        poll(NULL, 0, 20);
    }
    return -1;
}

static bool send_packet(int fd, const char *text)
{
    unsigned char sum = 0;
    char packet[128];
    int size;

    for (const char *p = text; *p; p++)
        sum = (unsigned char)(sum + (unsigned char)*p);
    size = snprintf(packet, sizeof(packet), "$%s#%02x", text, sum);
    return write(fd, packet, (size_t)size) == size;
}

/*
 * The payload of the next packet, acknowledged; its checksum is not looked
 * at: the stream is a local socket.
 */
static bool receive(int fd, double end, char *text, size_t size)
{
    enum { OUTSIDE, INSIDE, SUM_1, SUM_2 } state = OUTSIDE;
    size_t used = 0;
    char c;

    while (now_s() < end && !stop_requested()) {
        struct pollfd wait = { .fd = fd, .events = POLLIN };

        if (poll(&wait, 1, 200) <= 0)
            continue;
        if (read(fd, &c, 1) != 1)
            return false;
        if (state == OUTSIDE) {
            state = c == '$' ? INSIDE : OUTSIDE;
        } else if (state == INSIDE && c == '#') {
            state = SUM_1;
        } else if (state == INSIDE) {
            if (used < size - 1)
                text[used++] = c;
        } else if (state == SUM_1) {
            state = SUM_2;
        } else {
            text[used] = '\0';
            return write(fd, "+", 1) == 1;
        }
    }
    return false;
}

/* A machine that ran when gdb came first tells that it stopped: T02. */
static bool ask(int fd, double end, const char *text, const char *answer)
{
    char got[512];

    if (!send_packet(fd, text))
        return false;
    do {
        if (!receive(fd, end, got, sizeof(got)))
            return false;
    } while (!strncmp(got, "T02", 3));
    return !strncmp(got, answer, strlen(answer));
}

bool gdb_stop_at(unsigned port, uint64_t address, unsigned limit_s,
                 void (*armed)(void *context), void *context,
                 char why[WHY_BYTES])
{
    double end = now_s() + limit_s;
    int fd = connect_to(port, end);
    char set[64], clear[64];
    bool good;

    if (fd < 0) {
        if (stop_requested())
            snprintf(why, WHY_BYTES, "interrupted");
        else
            snprintf(why, WHY_BYTES, "no gdb stub answers on 127.0.0.1:%u",
                     port);
        return false;
    }
    snprintf(set, sizeof(set), "Z1,%" PRIx64 ",1", address);
    snprintf(clear, sizeof(clear), "z1,%" PRIx64 ",1", address);
    good = ask(fd, end, set, "OK");
    if (good && armed)
        armed(context);
    good = good && ask(fd, end, "c", "T05") && ask(fd, end, clear, "OK");
    close(fd);
    if (!good && stop_requested())
        snprintf(why, WHY_BYTES, "interrupted");
    else if (!good && now_s() < end)
        snprintf(why, WHY_BYTES,
                 "QEMU ended, or its gdb stub failed, before the guest's entry "
                 "at 0x%" PRIx64 " was reached",
                 address);
    else if (!good)
        snprintf(why, WHY_BYTES,
                 "the guest's entry at 0x%" PRIx64 " was not reached within "
                 "%u s",
                 address, limit_s);
    return good;
}
