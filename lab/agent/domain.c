/* SPDX-License-Identifier: MIT */
/*
 * "domain": a Xen domain made by xl.
 *
 * "xl create -F" stays until the domain is over and says why. The
 * configuration must say on_poweroff, on_reboot, on_crash, on_watchdog and
 * on_soft_reset = "preserve": what the guest wrote last is then read while the
 * domain still exists, and only after that is it destroyed.
 *
 * Source: xl's messages as Xen 4.17 prints them (tools/xl/xl_vmcontrol.c,
 *         create_domain); reasons from xen/include/public/sched.h.
 */
#include "job.h"

#include "bridge.h"
#include "domain.h"
#include "port.h"
#include "ring.h"
#include "socket.h"
#include "spawn.h"
#include "xenstore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define XL         "/usr/sbin/xl"
#define LOG_FOLDER "/var/log/xen"

static enum {
    NONE,
    CREATING, /* xl has not said yet that the domain is there */
    RUNNING,
    OVER, /* xl has ended; output is being passed on */
} state;

static pid_t xl;          /* "xl create"; 0: none */
static pid_t cleaner;     /* "xl destroy" of the last domain; 0: none */
static int messages = -1; /* xl's stderr */
static char line[512];
static size_t line_size;
static char trouble[512]; /* first error of xl's, or its last line */
static bool trouble_is_error;
static unsigned domid;
static const char *reason;
static bool stay_paused, kill_wanted, has_ring;

static pid_t start_tool(char *const argv[])
{
    pid_t pid = spawn(argv, -1, -1, STDERR_FILENO);

    if (pid < 0)
        port_log("%s: %s", argv[0], strerror(errno));
    return pid < 0 ? 0 : pid;
}

/* "xl VERB DOMID" */
static pid_t start_xl(char *verb)
{
    char id[16];
    char *argv[] = { XL, verb, id, NULL };

    snprintf(id, sizeof(id), "%u", domid);
    return start_tool(argv);
}

void domain_start(const char *cfg, bool paused)
{
    char *argv[] = { XL, "create", "-F", "-p", (char *)cfg, NULL };
    int pipe_fds[2];

    if (cleaner) {
        waitpid(cleaner, NULL, 0);
        cleaner = 0;
    }
    if (messages >= 0)
        close(messages);
    messages = -1;

    if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK))
        port_fatal("pipe: %s", strerror(errno));
    xl = spawn(argv, -1, pipe_fds[1], pipe_fds[1]);
    close(pipe_fds[1]);
    if (xl < 0) {
        port_answer("failed %s: %s", XL, strerror(errno));
        close(pipe_fds[0]);
        xl = 0;
        return;
    }

    state = CREATING;
    messages = pipe_fds[0];
    line_size = 0;
    trouble[0] = '\0';
    trouble_is_error = false;
    domid = 0;
    reason = NULL;
    stay_paused = paused;
    kill_wanted = false;
    has_ring = false;
}

bool domain_is_active(void)
{
    return state != NONE;
}

void domain_kill(void)
{
    if (state == CREATING && !domid)
        kill_wanted = true;
    else if (xl)
        cleaner = start_xl("destroy");
}

/* Why the domain is given up. */
__attribute__((format(printf, 1, 2))) static void give_up(const char *format,
                                                          ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(trouble, sizeof(trouble), format, args);
    va_end(args);
    trouble_is_error = true;
    cleaner = start_xl("destroy");
}

/* Of a device model with a serial port, or else the console ring. */
static bool join_console(void)
{
    int fd = socket_connect(AGENT_SERIAL_SOCKET);
    char path[80], value[16];

    if (fd >= 0) {
        bridge_join(AGENT_CONSOLE, fd, fd);
        return true;
    }

    snprintf(path, sizeof(path), "/local/domain/%u/console/port", domid);
    if (!xenstore_read(path, value, sizeof(value))) {
        give_up("xenstore has no %s", path);
        return false;
    }
    if (ring_relay(domid, (unsigned)strtoul(value, NULL, 10), &fd) < 0) {
        give_up("console ring of domain %u: %s", domid, strerror(errno));
        return false;
    }
    has_ring = true;
    bridge_join(AGENT_CONSOLE, fd, fd);
    return true;
}

static void created(void)
{
    if (kill_wanted) {
        give_up("killed while it was being made");
        return;
    }
    if (!join_console())
        return;
    state = RUNNING;
    if (!stay_paused)
        start_xl("unpause");
    port_answer("started");
}

bool domain_unpause(void)
{
    if (state != RUNNING || !stay_paused)
        return false;
    stay_paused = false;
    start_xl("unpause");
    return true;
}

static const char *reason_name(unsigned code)
{
    static const char *const names[] = { "poweroff", "reboot",   "suspend",
                                         "crash",    "watchdog", "soft-reset" };

    return code < sizeof(names) / sizeof(names[0]) ? names[code] : "unknown";
}

static void take_line(void)
{
    bool is_error = strstr(line, "error") || strstr(line, "ERROR");
    unsigned id, code;

    port_log("%s", line);
    if (!trouble_is_error) {
        snprintf(trouble, sizeof(trouble), "%s", line);
        trouble_is_error = is_error;
    }

    if (state == CREATING &&
        sscanf(line, "Waiting for domain %*s (domid %u)", &id) == 1) {
        domid = id;
        created();
    } else if (sscanf(line, "Domain %u has shut down, reason code %u", &id,
                      &code) == 2) {
        reason = reason_name(code);
    } else if (sscanf(line, "Domain %u has been destroyed", &id) == 1 &&
               strstr(line, "destroyed")) {
        reason = "destroyed";
    }
}

static void take_messages(void)
{
    char bytes[512];
    ssize_t n;

    while (messages >= 0 && (n = read(messages, bytes, sizeof(bytes))) >= 0) {
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] != '\n' && line_size < sizeof(line) - 1) {
                line[line_size++] = bytes[i];
                continue;
            }
            line[line_size] = '\0';
            line_size = 0;
            take_line();
        }
        if (n == 0) {
            close(messages);
            messages = -1;
        }
    }
}

void domain_poll(struct pollfd *fd)
{
    *fd = (struct pollfd){ .fd = messages, .events = POLLIN };
}

void domain_ready(const struct pollfd *fd)
{
    if (fd->revents)
        take_messages();
}

void domain_child(pid_t pid, int status)
{
    (void)status;
    if (pid == cleaner)
        cleaner = 0;
    else if (pid == xl)
        xl = 0;
}

/* What a device model has to say is in a file of its own; once. */
static void send_logs(void)
{
    DIR *folder = opendir(LOG_FOLDER);
    struct dirent *entry;

    while (folder && (entry = readdir(folder))) {
        char bytes[AGENT_FRAME_BYTES];
        char path[300];
        ssize_t n;
        int fd;

        if (entry->d_type != DT_REG)
            continue;
        snprintf(path, sizeof(path), LOG_FOLDER "/%s", entry->d_name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));
        if (n > 0) {
            port_log("%s:", path);
            port_send(AGENT_LOG, bytes, (size_t)n);
        }
        if (fd >= 0)
            close(fd);
        unlink(path);
    }
    if (folder)
        closedir(folder);
}

static void finish(void)
{
    socket_forget();
    bridge_close(AGENT_CONSOLE);
    if (strcmp(reason, "destroyed"))
        cleaner = start_xl("destroy");
    unlink(AGENT_SERIAL_SOCKET);
    state = NONE;
    send_logs();
    port_answer("ended %s", reason);
}

void domain_step(void)
{
    if (state == NONE || xl)
        return;

    if (state != OVER) {
        take_messages(); /* what xl said last */
        if (state == CREATING) {
            state = NONE;
            send_logs();
            port_answer("failed %s", trouble[0] ? trouble : "xl says nothing");
            return;
        }
        if (!reason)
            reason = "unknown";
        state = OVER;
        if (has_ring)
            bridge_hang_up(AGENT_CONSOLE);
    }

    /* A ring's relay ends by itself; a serial port is silent when empty. */
    if (bridge_drain(AGENT_CONSOLE) &&
        !(has_ring && bridge_is_open(AGENT_CONSOLE)))
        finish();
}
