/* SPDX-License-Identifier: MIT */
/*
 * A worker process a lane; it reports with one JSON object a line.
 */
#include "command/lanes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "base/args.h"
#include "base/stop.h"
#include "report/report.h"

struct worker {
    const struct lane *lane; /* NULL: the place is free */
    pid_t pid;
    FILE *lines;
    size_t now; /* index of the boot that it is at */
};

/* In the worker: where its reports go. */
static FILE *report_to;

static void send(json_t *object)
{
    json_dumpf(object, report_to, JSON_COMPACT);
    fputc('\n', report_to);
    fflush(report_to);
    json_decref(object);
}

static void send_begin(void *context, size_t index)
{
    (void)context;
    send(json_pack("{s:I}", "begin", (json_int_t)index));
}

static void send_phase(void *context, const char *text)
{
    (void)context;
    send(json_pack("{s:s}", "phase", text));
}

static void send_end(void *context, size_t index, struct result *result)
{
    (void)context;
    send(json_pack("{s:I,s:o}", "end", (json_int_t)index, "result",
                   result_to_json(result)));
    result_release(result);
}

static void work(const struct lane *lane, int fd, pid_t parent)
{
    static const struct lane_watch watch = {
        .boot = { .phase = send_phase, .input = -1 },
        .begin = send_begin,
        .end = send_end,
    };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    report_to = fdopen(fd, "w");
    if (!report_to)
        _exit(1);
    lane_run(lane, &watch);
    fclose(report_to);
    _exit(0);
}

static bool start(struct worker *worker, const struct lane *lane)
{
    pid_t parent = getpid();
    int fds[2];

    if (pipe2(fds, O_CLOEXEC))
        return false;
    fflush(NULL);
    worker->pid = fork();
    if (worker->pid < 0) {
        close(fds[0]);
        close(fds[1]);
        return false;
    }
    if (worker->pid == 0) {
        close(fds[0]);
        work(lane, fds[1], parent);
    }
    close(fds[1]);
    worker->lines = fdopen(fds[0], "r");
    /* What stdio holds back, poll() would not tell. */
    if (worker->lines)
        setvbuf(worker->lines, NULL, _IONBF, 0);
    worker->lane = lane;
    worker->now = lane->boots[0].index;
    return worker->lines != NULL;
}

static bool in_lane(const struct lane *lane, size_t index)
{
    for (size_t i = 0; i < lane->count; i++) {
        if (lane->boots[i].index == index)
            return true;
    }
    return false;
}

static void take(struct worker *worker, const char *line,
                 struct progress *progress, struct result *results)
{
    json_t *object = json_loads(line, 0, NULL);
    json_t *value;
    const char *text;
    size_t index;

    if ((value = json_object_get(object, "begin"))) {
        worker->now = (size_t)json_integer_value(value);
        progress_begin(progress, worker->now);
    } else if ((text = json_string_value(json_object_get(object, "phase")))) {
        progress_phase(progress, worker->now, text);
    } else if ((value = json_object_get(object, "end"))) {
        index = (size_t)json_integer_value(value);
        if (in_lane(worker->lane, index) && !results[index].platform &&
            result_from_json(json_object_get(object, "result"),
                             &results[index]))
            progress_end(progress, index, &results[index]);
    }
    json_decref(object);
}

/* Results that a worker owes are errors. */
static void owe(const struct lane *lane, const char *why,
                struct result *results)
{
    for (size_t i = 0; i < lane->count; i++) {
        const struct lane_boot *boot = &lane->boots[i];
        struct result *result = &results[boot->index];

        if (result->platform)
            continue;
        result->platform = text_new("%s", boot->plan->name);
        if (boot->plan->label)
            result->kernel = text_new("%s", boot->plan->label);
        result->repeat = boot->repeat;
        result->verdict = VERDICT_ERROR;
        result->reason = text_new("%s", why);
    }
}

static void finish(struct worker *worker, struct result *results)
{
    int status = 0;

    fclose(worker->lines);
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    owe(worker->lane, "pvlab's own worker process died", results);
    worker->lane = NULL;
}

/* Lines are short and written at once: reading one does not wait long. */
static void listen_to(struct worker *workers, unsigned jobs,
                      struct progress *progress, struct result *results)
{
    struct pollfd fds[LANES_MAX_JOBS];
    char *line = NULL;
    size_t room = 0;

    for (unsigned i = 0; i < jobs; i++)
        fds[i] = (struct pollfd){
            .fd = workers[i].lane ? fileno(workers[i].lines) : -1,
            .events = POLLIN,
        };
    if (poll(fds, jobs, 1000) <= 0) {
        progress_tick(progress);
        return;
    }
    for (unsigned i = 0; i < jobs; i++) {
        if (!fds[i].revents)
            continue;
        if (getline(&line, &room, workers[i].lines) > 0)
            take(&workers[i], line, progress, results);
        else if (ferror(workers[i].lines) && errno == EINTR)
            clearerr(workers[i].lines);
        else
            finish(&workers[i], results);
    }
    free(line);
}

/* A signal may have come to this process alone: each lane ends by itself. */
static void pass_stop(const struct worker *workers, unsigned jobs)
{
    for (unsigned i = 0; i < jobs; i++) {
        if (workers[i].lane)
            kill(workers[i].pid, SIGTERM);
    }
}

void lanes_run(const struct lane *lanes, size_t count, unsigned jobs,
               struct progress *progress, struct result *results)
{
    struct worker workers[LANES_MAX_JOBS] = { 0 };
    size_t next = 0;
    bool busy = true, stopped = false;

    while (busy) {
        busy = false;
        if (stop_requested() && !stopped) {
            stopped = true;
            pass_stop(workers, jobs);
            while (next < count)
                owe(&lanes[next++], "interrupted", results);
        }
        for (unsigned i = 0; i < jobs; i++) {
            if (!workers[i].lane && next < count) {
                const struct lane *lane = &lanes[next++];

                if (!start(&workers[i], lane)) {
                    owe(lane, "cannot start a worker process", results);
                    busy = true;
                }
            }
            busy = busy || workers[i].lane;
        }
        if (busy)
            listen_to(workers, jobs, progress, results);
    }
}
