/* SPDX-License-Identifier: MIT */
/*
 * What is watched may be lost, flood or hang: the verdict that the console
 * has settled stays, and nobody is waited for without end.
 *
 * Damage tried: on_failed() without its look at boot->settled. to_gdb()
 * without "now_s() < end". stop() without stop_requested().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/now.h"
#include "base/stop.h"
#include "boot/boot.h"
#include "outer/guest_nested.h"

/* A guest that is lost, before or after its END line. */
struct doomed {
    struct guest guest;
    const char *says;
    unsigned step;
};

static size_t no_fds(struct guest *guest, struct pollfd *fds)
{
    (void)guest;
    (void)fds;
    return 0;
}

static void doomed_next(struct guest *guest, struct guest_event *event)
{
    struct doomed *doomed = (struct doomed *)guest;
    const char *text = doomed->step ? "the outer system ended" : doomed->says;

    event->kind = doomed->step++ ? GUEST_FAILED : GUEST_CONSOLE;
    event->size = strlen(text);
    memcpy(event->bytes, text, event->size + 1);
}

static void doomed_stop(struct guest *guest)
{
    (void)guest;
}

static struct result watched(const char *says, const char *dir)
{
    static const struct guest_ops ops = { .fds = no_fds,
                                          .next = doomed_next,
                                          .stop = doomed_stop };
    struct doomed doomed = { .guest = { .ops = &ops }, .says = says };
    struct plan plan = { .name = "doomed",
                         .options.log_dir = dir,
                         .timeout_s = 20 };
    struct boot_watch watch = { .input = -1 };
    struct result result = { 0 };
    struct boot *boot = boot_open(&plan, "doomed", &watch, &result);

    boot_watch_guest(boot, &doomed.guest);
    boot_close(boot);
    return result;
}

static void loss_after_the_end_is_no_error(void **state)
{
    char dir[] = "/tmp/pvlab-boot-test-XXXXXX";
    struct result result;

    (void)state;
    assert_non_null(mkdtemp(dir));
    result =
        watched("PVLAB PASS a\nPVLAB END passed=1 failed=0 skipped=0\n", dir);
    assert_int_equal(result.verdict, VERDICT_PASS);
    result_release(&result);
    result = watched("PVLAB PASS a\n", dir);
    assert_int_equal(result.verdict, VERDICT_ERROR);
    assert_string_equal(result.reason, "the outer system ended");
    result_release(&result);
    dirs_remove(dir);
}

/* An outer system, its agent's end in 'out_agent'; gdb, if there is a port. */
static void nest(struct guest_nested *nested, struct agent_link *link,
                 int *out_agent, unsigned gdb_port)
{
    static const struct child outer = { .pidfd = -1, .error = -1 };
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    agent_link_open(link, pair[0]);
    *out_agent = pair[1];
    assert_true(guest_nested_setup(nested, link, &outer, gdb_port));
}

static void send_frame(int fd, enum agent_channel channel)
{
    static const uint8_t bytes[AGENT_FRAME_BYTES];
    uint8_t header[AGENT_HEADER_BYTES];

    frame_header(header, channel, sizeof(bytes));
    assert_int_equal(write(fd, header, sizeof(header)), sizeof(header));
    assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
}

static int connected(struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)address, sizeof(*address)),
                     0);
    return fd;
}

static void gdb_that_does_not_read_is_let_go(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int any = socket(AF_INET, SOCK_STREAM, 0), agent, gdb;
    socklen_t size = sizeof(address);
    static struct guest_nested nested;
    static struct agent_link link;
    static struct guest_event event;
    double start;

    (void)state;
    assert_int_equal(bind(any, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(any, (struct sockaddr *)&address, &size), 0);
    close(any);
    nest(&nested, &link, &agent, ntohs(address.sin_port));
    gdb = connected(&address);
    nested.guest.ops->next(&nested.guest, &event);
    assert_true(nested.gdb >= 0);
    alarm(30);
    start = now_s();
    while (nested.gdb >= 0 && now_s() < start + 20) {
        send_frame(agent, AGENT_GDB);
        nested.guest.ops->next(&nested.guest, &event);
    }
    alarm(0);
    assert_int_equal(nested.gdb, -1);
    assert_true(now_s() - start < 10);
    send_frame(agent, AGENT_CONSOLE);
    nested.guest.ops->next(&nested.guest, &event);
    assert_int_equal(event.kind, GUEST_CONSOLE);
    close(gdb);
    close(agent);
    nested.running = false;
    nested.guest.ops->stop(&nested.guest);
    agent_link_close(&link);
}

/* Last of all: the flag stays. */
static void ctrl_c_ends_the_wait_for_a_kill(void **state)
{
    static struct guest_nested nested;
    static struct agent_link link;
    double start = now_s();
    int agent;

    (void)state;
    nest(&nested, &link, &agent, 0);
    stop_setup();
    raise(SIGTERM);
    alarm(30);
    nested.guest.ops->stop(&nested.guest);
    alarm(0);
    assert_true(now_s() - start < 5);
    assert_int_equal(link.fd, -1);
    close(agent);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_after_the_end_is_no_error),
        cmocka_unit_test(gdb_that_does_not_read_is_let_go),
        cmocka_unit_test(ctrl_c_ends_the_wait_for_a_kill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
