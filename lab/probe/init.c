/* SPDX-License-Identifier: MIT */
/*
 * /init for Debian's kernel: says where Linux believes to be, checks that
 * user mode and its clock work, and powers off.
 *
 * With "pvlab.echo" on the kernel's command line it first sends back every
 * line that it reads from the console, until "quit".
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* Source: syslog(2). */
enum { SYSLOG_ACTION_READ_ALL = 3 };

static unsigned passed, failed;

static void check(const char *name, bool good, const char *reason)
{
    if (good) {
        passed++;
        printf("PVLAB PASS %s\n", name);
    } else {
        failed++;
        printf("PVLAB FAIL %s %s\n", name, reason);
    }
}

/* The rest of the line after 'text' in the kernel's log; false: not there. */
static bool find(const char *log, const char *text, char *out, size_t size)
{
    const char *found = strstr(log, text);

    if (!found)
        return false;
    found += strlen(text);
    snprintf(out, size, "%.*s", (int)strcspn(found, "\n"), found);
    return true;
}

/*
 * Two lines of the kernel tell it.
 * Source: Linux arch/x86/kernel/cpu/hypervisor.c, kernel/paravirt.c,
 *         arch/x86/xen/enlighten.c xen_banner().
 */
static void say_hypervisor(void)
{
    static char log[1 << 20];
    char detected[80] = "none", rest[80];
    int size = klogctl(SYSLOG_ACTION_READ_ALL, log, sizeof(log) - 1);

    log[size < 0 ? 0 : size] = '\0';
    find(log, "Hypervisor detected: ", detected, sizeof(detected));
    /* Detected as "Xen HVM". */
    if (find(log, "kernel on Xen PVH", rest, sizeof(rest)))
        snprintf(detected, sizeof(detected), "Xen PVH");
    printf("PVLAB INFO hypervisor=%s\n", detected);
}

static bool clock_runs(void)
{
    struct timespec before, after, nap = { .tv_nsec = 10000000 };

    clock_gettime(CLOCK_MONOTONIC, &before);
    nanosleep(&nap, NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    return (after.tv_sec - before.tv_sec) * 1000000000LL +
               (after.tv_nsec - before.tv_nsec) >=
           nap.tv_nsec;
}

static bool asked_to_echo(void)
{
    char line[4096] = "";
    int fd = open("/proc/cmdline", O_RDONLY);

    if (fd >= 0 && read(fd, line, sizeof(line) - 1) < 0)
        line[0] = '\0';
    return strstr(line, "pvlab.echo") != NULL;
}

static void echo(void)
{
    char line[256];

    puts("ready");
    while (fgets(line, sizeof(line), stdin) && strcmp(line, "quit\n"))
        printf("echo: %s", line);
}

/* Messages of the kernel would land in the middle of ours. */
static void silence_kernel(void)
{
    int fd = open("/proc/sys/kernel/printk", O_WRONLY);

    if (fd < 0 || write(fd, "1\n", 2) < 0)
        puts("cannot silence the kernel");
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    mkdir("/proc", 0755);
    mount("proc", "/proc", "proc", 0, NULL);
    silence_kernel();
    say_hypervisor();
    if (asked_to_echo())
        echo();
    check("boot", getpid() == 1, "init is not process 1");
    check("clock", clock_runs(), "10 ms of sleep took less");
    printf("PVLAB END passed=%u failed=%u skipped=0\n", passed, failed);
    fflush(stdout);
    tcdrain(1);
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}
