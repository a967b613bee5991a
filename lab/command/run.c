/* SPDX-License-Identifier: MIT */
/*
 * run and matrix: choose, plan, boot, report.
 */
#include "command/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"
#include "base/now.h"
#include "base/stop.h"
#include "command/lanes.h"
#include "command/select.h"
#include "plan/count.h"
#include "platform/accel.h"
#include "platform/cache.h"
#include "platform/needs.h"
#include "report/report.h"

/* All that one call of pvlab does. */
struct run {
    const struct cmdline *line;
    const struct config *config;
    struct selection selection;
    char kernel_sha256[65];  /* of selection.kernel; "": it has none */
    struct plan *plans;      /* one for each selected platform */
    struct lane_boot *boots; /* one for each plan and repetition */
    size_t boot_count;
    struct result *results; /* one for each boot */
    struct lane *lanes;
    size_t lane_count;
    const char **names; /* tags, for the progress */
    int stdout_errno;   /* why stdout cannot be written */
    bool line_open;     /* the console's last line has no end yet */
    double start;
};

static void *array(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    if (!memory)
        abort();
    return memory;
}

static void say(const char *text)
{
    fprintf(stderr, "pvlab: %s\n", text);
}

/* Before anything boots: a build or a launcher may write it anew. */
static void hash_kernel(struct run *run)
{
    if (run->selection.kernel)
        plan_hash(run->selection.kernel, run->kernel_sha256);
}

/* How it is to be booted: may this machine's KVM do it? */
static bool wants_kvm(const struct selected *selected)
{
    static bool faster, probed;
    enum accel accel = selected->options.accel;

    /* Counting is the software CPU's: there is nothing to choose. */
    if (count_wanted(&selected->options))
        return false;
    if (accel == ACCEL_AUTO && !probed) {
        faster = accel_choose(accel, say);
        probed = true;
    }
    return accel == ACCEL_KVM || (accel == ACCEL_AUTO && faster);
}

static void make_plan(struct run *run, size_t i)
{
    const struct selected *selected = &run->selection.list[i];
    struct plan *plan = &run->plans[i];
    bool kvm = wants_kvm(selected);

    plan_make(plan, selected->platform, selected->custom, &selected->options,
              selected->skip, (unsigned)i);
    plan->label = selected->label;
    plan->accel_kvm =
        kvm && selected->platform && selected->platform->kind != PLATFORM_DOMU;
}

/* What the plan lacks, unless that failed already: then that is its reason. */
static void fetch(const struct plan *plan, bool tried[COMPONENT_COUNT])
{
    bool debian = plan_is_debian(plan->options.kernel);
    char why[WHY_BYTES];

    for (int c = 0; c < COMPONENT_COUNT && !stop_requested(); c++) {
        enum component component = (enum component)c;

        if (tried[c] || !needs_component(plan->platform, debian, component))
            continue;
        tried[c] = true;
        cache_need(component, say, why);
    }
}

/* Only what is wanted is fetched: a SKIP costs nothing. */
static void make_plans(struct run *run)
{
    bool tried[COMPONENT_COUNT] = { false };

    run->plans = array(run->selection.count, sizeof(*run->plans));
    for (size_t i = 0; i < run->selection.count && !stop_requested(); i++) {
        make_plan(run, i);
        if (!run->plans[i].unfetched)
            continue;
        fetch(&run->plans[i], tried);
        plan_release(&run->plans[i]);
        make_plan(run, i);
    }
    hash_kernel(run);
}

/* "kvm", "kvm.2" of a repeated one, "kvm.pvk.2" of several kernels. */
static char *make_tag(const struct plan *plan, unsigned repeat)
{
    char number[16] = "";

    if (repeat)
        snprintf(number, sizeof(number), ".%u", repeat);
    return text_new("%s%s%s%s", plan->name, plan->label ? "." : "",
                    plan->label ? plan->label : "", number);
}

static void make_boots(struct run *run)
{
    size_t count = 0;

    for (size_t i = 0; i < run->selection.count; i++) {
        unsigned repeat = run->plans[i].options.repeat;

        count += repeat ? repeat : 1;
    }
    run->boots = array(count, sizeof(*run->boots));
    run->results = array(count, sizeof(*run->results));
    run->names = array(count, sizeof(*run->names));
    for (size_t i = 0; i < run->selection.count; i++) {
        struct plan *plan = &run->plans[i];
        unsigned repeat = plan->options.repeat;

        for (unsigned n = 1; n <= (repeat ? repeat : 1); n++) {
            struct lane_boot *boot = &run->boots[run->boot_count];

            boot->plan = plan;
            boot->repeat = repeat > 1 ? n : 0;
            boot->tag = make_tag(plan, boot->repeat);
            boot->index = run->boot_count;
            run->names[run->boot_count++] = boot->tag;
        }
    }
}

/* Counting wants a machine for each boot: the counter is the machine's. */
static bool shares_outer(const struct plan *plan)
{
    return plan->platform && plan->refused == VERDICT_PASS &&
           !plan->accel_kvm && plan->outer != OUTER_NONE &&
           !count_wanted(&plan->options);
}

/* Two launchers must not write to one console file or socket at a time. */
static bool shares_console(const struct plan *plan)
{
    return plan->custom && plan->refused == VERDICT_PASS &&
           (plan->custom->console == CONSOLE_FILE ||
            plan->custom->console == CONSOLE_UNIX);
}

static struct lane *add_lane(struct run *run, enum outer_kind outer)
{
    struct lane *lane = &run->lanes[run->lane_count++];

    lane->outer = outer;
    lane->boots = array(run->boot_count, sizeof(*lane->boots));
    return lane;
}

/* The long lanes first, so that none starts when all others are done. */
static void make_lanes(struct run *run)
{
    run->lanes = array(run->boot_count + OUTER_COUNT, sizeof(*run->lanes));
    for (int kind = OUTER_COUNT - 1; kind >= 0; kind--) {
        enum outer_kind outer = (enum outer_kind)kind;
        struct lane *shared = NULL;

        for (size_t i = 0; i < run->boot_count; i++) {
            const struct plan *plan = run->boots[i].plan;
            bool shares = shares_outer(plan) || shares_console(plan);
            struct lane *lane = shares ? shared : NULL;

            if (shares ? plan->outer != outer : outer != OUTER_NONE)
                continue;
            if (!lane)
                lane = add_lane(run, plan->accel_kvm || !plan->platform
                                         ? OUTER_NONE
                                         : plan->outer);
            if (shares)
                shared = lane;
            lane->boots[lane->count++] = run->boots[i];
        }
    }
}

/* The console of a single run, until nobody reads it any more. */
static void show_console(void *context, const uint8_t *bytes, size_t size)
{
    struct run *run = context;

    if (run->stdout_errno)
        return;
    if (fwrite(bytes, 1, size, stdout) != size || fflush(stdout))
        run->stdout_errno = errno;
    run->line_open = size && bytes[size - 1] != '\n';
}

static void show_phase(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "pvlab: %s\n", text);
}

static void run_begin(void *context, size_t index)
{
    (void)context;
    (void)index;
}

static void run_end(void *context, size_t index, struct result *result)
{
    struct run *run = context;

    run->results[index] = *result;
}

/* In this process, the console on stdout, stdin to the guest. */
static void boot_here(struct run *run)
{
    struct lane_watch watch = {
        .boot = { .context = run,
                  .console = run->line->options.tap ? NULL : show_console,
                  .phase = show_phase,
                  .input = STDIN_FILENO },
        .begin = run_begin,
        .end = run_end,
    };

    for (size_t i = 0; i < run->lane_count; i++)
        lane_run(&run->lanes[i], &watch);
}

static void boot_side_by_side(struct run *run)
{
    struct progress *progress = progress_new(run->names, run->boot_count);
    long jobs = sysconf(_SC_NPROCESSORS_ONLN);

    lanes_run(run->lanes, run->lane_count,
              jobs < 1                ? 1
              : jobs > LANES_MAX_JOBS ? LANES_MAX_JOBS
                                      : (unsigned)jobs,
              progress, run->results);
    progress_free(progress);
}

static bool colour(void)
{
    const char *no_color = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) && (!no_color || !*no_color);
}

/* True if the files asked for were written. */
static bool write_reports(const struct run *run, const struct report *report)
{
    const struct boot_options *options = &run->line->options;
    bool good = true;

    if (options->json && !report_json(options->json, report)) {
        fprintf(stderr, "pvlab: cannot write %s: %m\n", options->json);
        good = false;
    }
    if (options->junit && !report_junit(options->junit, report)) {
        fprintf(stderr, "pvlab: cannot write %s: %m\n", options->junit);
        good = false;
    }
    return good;
}

/* The console of a single run had stdout; what pvlab says goes to stderr. */
static void show(struct run *run, const struct report *report)
{
    bool single = run->line->verb == VERB_RUN;

    /* A prompt has no newline: what follows is not the guest's. */
    if (run->line_open && !run->stdout_errno) {
        putchar('\n');
        fflush(stdout);
    }
    if (run->line->options.tap)
        report_tap(stdout, report);
    else if (single)
        report_table(stderr, report, now_s() - run->start,
                     isatty(STDERR_FILENO) && colour());
    else
        report_table(stdout, report, now_s() - run->start, colour());
}

/* A reader that has gone, as in "| head", has read what it wanted. */
static bool stdout_written(struct run *run)
{
    if (!run->stdout_errno && fflush(stdout))
        run->stdout_errno = errno;
    if (!run->stdout_errno || run->stdout_errno == EPIPE)
        return true;
    fprintf(stderr, "pvlab: cannot write stdout: %s\n",
            strerror(run->stdout_errno));
    return false;
}

static int report(struct run *run)
{
    const char *kernel = run->selection.kernel;
    enum verdict worst = VERDICT_PASS;
    struct report what = {
        .kernel_path = kernel ? kernel : "",
        .results = run->results,
        .result_count = run->boot_count,
    };
    bool written;

    for (size_t i = 0; i < run->boot_count; i++)
        worst = verdict_worst(worst, run->results[i].verdict);
    memcpy(what.kernel_sha256, run->kernel_sha256, sizeof(what.kernel_sha256));
    show(run, &what);
    written = stdout_written(run);
    if (!write_reports(run, &what) || !written)
        worst = verdict_worst(worst, VERDICT_ERROR);
    return (int)worst;
}

static void release(struct run *run)
{
    for (size_t i = 0; i < run->boot_count; i++) {
        result_release(&run->results[i]);
        free(run->boots[i].tag);
    }
    for (size_t i = 0; i < run->lane_count; i++)
        free(run->lanes[i].boots);
    for (size_t i = 0; i < run->selection.count; i++)
        plan_release(&run->plans[i]);
    free(run->plans);
    free(run->boots);
    free(run->results);
    free(run->lanes);
    free(run->names);
    selection_release(&run->selection);
}

static void keep_input(const char *option, const char *output,
                       const char *input)
{
    struct stat one, other;

    if (input && stat(output, &one) == 0 && stat(input, &other) == 0 &&
        one.st_dev == other.st_dev && one.st_ino == other.st_ino)
        usage("--%s %s would overwrite what is to be booted: %s", option,
              output, input);
}

/* Found out before hours of boots, not after them. */
static void need_folder(const char *option, const char *output)
{
    const char *slash = strrchr(output, '/');
    char *folder = slash ? strndup(output, (size_t)(slash - output) + 1) : NULL;
    struct stat there;

    if (folder && (stat(folder, &there) || !S_ISDIR(there.st_mode)))
        usage("--%s %s: there is no folder %s", option, output, folder);
    free(folder);
}

/* A report must not take the place of a file that was given. */
static void check_output(const struct run *run, const char *option,
                         const char *output)
{
    if (output)
        need_folder(option, output);
    for (size_t i = 0; output && i < run->selection.count; i++) {
        const struct boot_options *o = &run->selection.list[i].options;
        const char *inputs[] = { o->kernel, o->initrd, guest_rom_file(o->rom),
                                 o->disk, o->iso };

        for (size_t n = 0; n < sizeof(inputs) / sizeof(inputs[0]); n++)
            keep_input(option, output, inputs[n]);
        for (size_t n = 0; n < o->module_count; n++)
            keep_input(option, output, o->modules[n]);
        keep_input(option, output, o->symbols);
    }
}

/* A ROM that is none is the line's mistake, whatever the platforms. */
static void check_roms(const struct run *run)
{
    char why[WHY_BYTES];
    struct guest_rom rom;

    for (size_t i = 0; i < run->selection.count; i++) {
        const char *text = run->selection.list[i].options.rom;

        if (text && !guest_rom_open(text, &rom, why))
            usage("--rom: %s", why);
    }
}

int run_verb(const struct cmdline *line, const struct config *config)
{
    struct run run = { .line = line, .config = config, .start = now_s() };
    char why[WHY_BYTES];
    int status = VERDICT_ERROR;

    select_platforms(line, config, &run.selection);
    check_roms(&run);
    check_output(&run, "json", line->options.json);
    check_output(&run, "junit", line->options.junit);
    make_plans(&run);
    if (stop_requested()) {
        say("interrupted");
        goto out;
    }
    make_boots(&run);
    make_lanes(&run);
    /* Made here, so that all workers use the same. */
    if (!dirs_temp(why) || !dirs_logs(line->options.log_dir, why)) {
        say(why);
        goto out;
    }
    if (line->verb == VERB_RUN)
        boot_here(&run);
    else
        boot_side_by_side(&run);
    status = report(&run);
out:
    release(&run);
    return status;
}
