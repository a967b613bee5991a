/* SPDX-License-Identifier: MIT */
/*
 * execve(), and the first program.
 */
#include <string.h>

#include <pvops/cpu.h>

#include "arch/cpu.h"
#include "core/heap.h"
#include "core/main.h"
#include "exec/exec.h"
#include "proc/errno.h"
#include "proc/file.h"
#include "proc/process.h"
#include "proc/xstate.h"

/* Of all strings of an execve(), and of how many there are. */
enum {
    MOST_STRINGS_BYTES = 64 * 1024,
    MOST_STRINGS = 4096,
    MOST_PATH = 4096,
    RFLAGS_USER = 0x202, /* IF, and bit 1, which is always set */
};

struct strings {
    char *bytes; /* MOST_STRINGS_BYTES, then MOST_PATH of the path */
    size_t used;
    unsigned counts[2]; /* arguments, environment */
};

/* One of the two vectors of pointers; 0: none, as Linux has it. */
static long take_vector(struct strings *to, unsigned which, uint64_t vector)
{
    struct space *space = process_current()->space;

    for (; vector; vector += sizeof(uint64_t)) {
        uint64_t string;
        long result = space_copy_in(space, &string, vector, sizeof(string));

        if (result)
            return result;
        if (!string)
            break;
        if (to->counts[0] + to->counts[1] == MOST_STRINGS)
            return -E2BIG;
        result = space_copy_string(space, to->bytes + to->used, string,
                                   MOST_STRINGS_BYTES - to->used);
        if (result < 0)
            return result == -ENAMETOOLONG ? -E2BIG : result;
        to->used += (size_t)result + 1;
        to->counts[which]++;
    }
    return 0;
}

static long take_strings(struct strings *to, uint64_t path, uint64_t argv,
                         uint64_t envp)
{
    char *name = to->bytes + MOST_STRINGS_BYTES;
    long result =
        space_copy_string(process_current()->space, name, path, MOST_PATH);

    if (result < 0)
        return result;
    if (!result)
        return -ENOENT;
    result = take_vector(to, 0, argv);
    /* As Linux since 5.18: a program has at least its empty name. */
    if (!result && !to->counts[0]) {
        to->bytes[to->used++] = '\0';
        to->counts[0] = 1;
    }
    return result ? result : take_vector(to, 1, envp);
}

static void start_frame(struct trap_frame *frame, uint64_t entry, uint64_t sp)
{
    *frame = (struct trap_frame){
        .ip = entry,
        .cs = pvops_cpu_selectors()->user_cs,
        .flags = RFLAGS_USER,
        .sp = sp,
        .ss = pvops_cpu_selectors()->user_ss,
    };
}

static void replace_space(struct process *process, struct space *space)
{
    struct space *old = process->space;

    process->space = space;
    space_activate(space);
    if (process->space_borrowed) {
        process->space_borrowed = false;
        process_wake_all(&process->parent->children_changed);
    } else {
        space_free(old);
    }
}

static long load(struct trap_frame *frame, const struct strings *strings)
{
    struct process *process = process_current();
    struct space *space = space_new();
    uint64_t entry, sp;
    long result;

    if (!space)
        return -ENOMEM;
    result = exec_load(space, strings->bytes + MOST_STRINGS_BYTES,
                       strings->bytes, strings->used, strings->counts[0],
                       strings->counts[1], &entry, &sp);
    if (result) {
        space_free(space);
        return result;
    }
    replace_space(process, space);
    signal_exec(&process->signals);
    start_frame(frame, entry, sp);
    cpu_clear_user_selectors();
    process_set_fs_base(0);
    xstate_clear(process->xstate);
    xstate_restore(process->xstate);
    return 0;
}

long process_execve(struct trap_frame *frame, uint64_t path, uint64_t argv,
                    uint64_t envp)
{
    struct strings strings = {
        .bytes = heap_alloc(MOST_STRINGS_BYTES + MOST_PATH),
    };
    long result;

    if (!strings.bytes)
        return -ENOMEM;
    result = take_strings(&strings, path, argv, envp);
    if (!result)
        result = load(frame, &strings);
    heap_free(strings.bytes);
    return result;
}

/*
 * What Linux gives its /init: these, and of the command line each "name=value"
 * that is not the kernel's own, 32 at most.
 */
static const char init_environment[] = "HOME=/\0TERM=linux";
enum { MOST_INIT_WORDS = 32, MOST_INIT_PATH = 64 };

struct init_strings {
    size_t used;
    unsigned variables;
    char bytes[MOST_INIT_PATH + sizeof(init_environment) + BOOT_CMDLINE_BYTES];
};

static void fill_init_strings(struct init_strings *to, const char *path)
{
    size_t length = strlen(path) + 1;
    const char *word = NULL;

    memcpy(to->bytes, path, length);
    memcpy(to->bytes + length, init_environment, sizeof(init_environment));
    to->used = length + sizeof(init_environment);
    for (to->variables = 2; to->variables < MOST_INIT_WORDS; to->variables++) {
        word = option_foreign(word, &length);
        if (!word)
            return;
        memcpy(to->bytes + to->used, word, length);
        to->bytes[to->used + length] = '\0';
        to->used += length + 1;
    }
}

static long load_init(struct process *init, const char *path,
                      struct trap_frame *frame)
{
    struct init_strings *strings;
    uint64_t entry, sp;
    long result;

    if (strlen(path) >= MOST_INIT_PATH)
        return -ENAMETOOLONG;
    strings = heap_alloc(sizeof(*strings));
    if (!strings)
        return -ENOMEM;
    fill_init_strings(strings, path);
    result = exec_load(init->space, path, strings->bytes, strings->used, 1,
                       strings->variables, &entry, &sp);
    heap_free(strings);
    if (!result)
        start_frame(frame, entry, sp);
    return result;
}

long process_run_init(const char *path)
{
    struct trap_frame frame = { 0 };
    struct process *init = process_new(&frame);
    long result;

    if (!init)
        return -ENOMEM;
    init->space = space_new();
    result = init->space ? load_init(init, path, &frame) : -ENOMEM;
    if (!result) {
        *((struct trap_frame *)init->stack_top - 1) = frame;
        xstate_clear(init->xstate);
        for (unsigned i = 0; i < 3; i++)
            init->files[i] = file_hold(file_console());
        process_run(init);
        result = (long)init->status;
    } else if (init->space) {
        space_free(init->space);
    }
    process_release(init);
    return result;
}
