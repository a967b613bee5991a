/* SPDX-License-Identifier: MIT */
/*
 * The speed probe. /dev/kvm may be there and be emulated, and then be a
 * hundred times slower than QEMU's software CPU; only a trial tells.
 */
#include "platform/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/child.h"
#include "base/dirs.h"
#include "base/now.h"
#include "base/stop.h"

/*
 * A boot sector: 100 million times DEC ECX, JNZ; then a byte to port 0xf4,
 * where QEMU's isa-debug-exit ends QEMU with status (byte << 1) | 1.
 */
static const uint8_t sector[] = {
    0xfa,                               /* cli */
    0x66, 0xb9, 0x00, 0xe1, 0xf5, 0x05, /* mov ecx, 100000000 */
    0x66, 0x49,                         /* dec ecx */
    0x75, 0xfc,                         /* jnz to the dec */
    0xb0, 0x10,                         /* mov al, 0x10 */
    0xe6, 0xf4,                         /* out 0xf4, al */
    0xf4, 0xeb, 0xfd,                   /* hlt; jmp to the hlt */
};

enum { DONE_STATUS = 0x10 << 1 | 1, TCG_LIMIT_MS = 30000 };

static bool write_sector(const char *path)
{
    uint8_t bytes[512] = { 0 };
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good;

    memcpy(bytes, sector, sizeof(sector));
    bytes[510] = 0x55;
    bytes[511] = 0xaa;
    good = fd >= 0 && write(fd, bytes, sizeof(bytes)) == sizeof(bytes);
    if (fd >= 0)
        close(fd);
    return good;
}

/* Seconds; negative if it did not end well within 'limit_ms'. */
static double trial(const char *accel, const char *disk, int limit_ms)
{
    struct args args = { 0 };
    struct child child;
    double start = now_s(), end = start + limit_ms / 1e3;
    bool good = false;

    args_add_all(&args, "qemu-system-x86_64", "-nodefaults", "-no-user-config",
                 "-display", "none", "-accel", accel, "-device",
                 "isa-debug-exit,iobase=0xf4", "-drive", NULL);
    args_add(&args, "file=%s,format=raw,snapshot=on,if=ide", disk);
    if (child_start(&child, args.v, -1, NULL, 0)) {
        struct pollfd fd = { .fd = child.pidfd, .events = POLLIN };

        while (now_s() < end && !stop_requested() && poll(&fd, 1, 50) <= 0)
            continue;
        if (fd.revents)
            good = child_reap(&child) == DONE_STATUS;
        child_stop(&child);
    }
    args_free(&args);
    return good ? now_s() - start : -1;
}

static bool kvm_faster(void (*say)(const char *text))
{
    char why[WHY_BYTES];
    const char *temp = dirs_temp(why);
    char *disk, *text;
    double tcg, kvm;

    if (access("/dev/kvm", R_OK | W_OK)) {
        text = text_new("software CPU chosen: /dev/kvm cannot be opened (%s)",
                        strerror(errno));
        say(text);
        free(text);
        return false;
    }
    if (!temp)
        return false;
    disk = text_new("%s/speed", temp);
    if (!write_sector(disk)) {
        free(disk);
        return false;
    }
    tcg = trial("tcg", disk, TCG_LIMIT_MS);
    /* Longer than that, and it is not the faster one. */
    kvm = tcg < 0 ? -1 : trial("kvm", disk, (int)(tcg * 1000));
    unlink(disk);
    free(disk);
    if (tcg < 0)
        text = text_new("software CPU chosen: the speed probe failed on it "
                        "(not done in %d s)",
                        TCG_LIMIT_MS / 1000);
    else if (kvm > 0)
        text = text_new("KVM chosen: the speed probe took %.2f s under KVM, "
                        "%.2f s on the software CPU",
                        kvm, tcg);
    else
        text = text_new("software CPU chosen: the speed probe took %.2f s on "
                        "it and did not end well in that time under KVM",
                        tcg);
    say(text);
    free(text);
    return kvm > 0;
}

bool accel_choose(enum accel accel, void (*say)(const char *text))
{
    if (accel == ACCEL_KVM)
        return true;
    return accel == ACCEL_AUTO && kvm_faster(say);
}
