/* SPDX-License-Identifier: MIT */
/*
 * kernel/mm: random programs that map, touch, fork and end, from a printed
 * seed, each compared with an oracle of arrays after every step; on a CPU whose
 * TLB forgets nothing by itself, with ops that check their rules. Of every
 * step, each allocation fails once.
 *
 * PVK_MM_SEED chooses a seed, PVK_MM_STEPS how many steps.
 *
 * Tried, each fails here or in area_test.c: each flush left out (tree_set(),
 *        follow.c, level1.c, fault.c, space_fork()); each change of .holders,
 *        of .stale and of a write bit left out; each alloc_table(),
 *        release_table(), make_entry(), entry_value() and frame_put(); frames
 *        returned before end_batch(); each -ENOMEM that forgets a page;
 *        near_table kept when tables change.
 */
#include "oracle.h"

#include <stdlib.h>

#include "model.h"
#include "pvtest.h"

#include "mm/entry.h"
#include "mm/space.h"
#include "proc/errno.h"

enum {
    PROGRAMS = 5,
    MOST_FAULTS = 4,
    MOST_ALLOCATIONS = 1000,
    ERROR_WRITE = 2,
    ERROR_FETCH = 16
};

pvops_pte entry_no_execute;

void entry_setup(void)
{
    entry_no_execute = ENTRY_NO_EXECUTE;
}

static struct program programs[PROGRAMS];
static struct program *active; /* its space is */
static uint64_t random_state;

static unsigned random_below(unsigned end)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1;
    return (unsigned)((random_state >> 33) % end);
}

static void activate(struct program *program)
{
    active = program;
    space_activate(program ? program->space : NULL);
}

/* As a program's own access: faults are served until there is none. */
static uint8_t *touch(struct program *program, uint64_t address,
                      enum model_access access, enum space_fault *out_why)
{
    uint64_t error = access == MODEL_WRITE   ? ERROR_WRITE
                     : access == MODEL_FETCH ? ERROR_FETCH
                                             : 0;

    activate(program);
    for (unsigned i = 0; i < MOST_FAULTS; i++) {
        uint8_t *bytes = model_access(address, access);

        if (bytes)
            return bytes;
        *out_why = space_fault(program->space, address, error);
        if (*out_why != SPACE_FAULT_DONE)
            return NULL;
    }
    FAIL("the access faults for ever");
}

static bool may(const struct oracle_page *page, enum model_access access)
{
    if (access == MODEL_READ)
        return page->rights;
    return page->rights & (access == MODEL_WRITE ? SPACE_WRITE : SPACE_EXEC);
}

static uint64_t word_at(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/*
 * One step of a program: 0, or -ENOMEM, and then nothing has changed. It
 * happens in the oracle when it has succeeded.
 */
struct step {
    enum { TOUCH, COPY, MAP, UNMAP, PROTECT, FORK, END, SWITCH, KINDS } kind;
    unsigned program, other, first, count, rights, word;
    enum model_access access;
    bool file;
    uint64_t value;
};

static long do_touch(const struct step *step)
{
    struct program *program = &programs[step->program];
    struct oracle_page *page = &program->pages[step->first];
    uint64_t address = page_address(step->first) + word_offset[step->word];
    enum space_fault why = SPACE_FAULT_DONE;
    uint8_t *bytes = touch(program, address, step->access, &why);

    if (why == SPACE_FAULT_NO_MEMORY)
        return -ENOMEM;
    EXPECT_EQ(may(page, step->access), bytes != NULL);
    if (!bytes)
        return 0;
    EXPECT_EQ(page->words[step->word], word_at(bytes));
    if (step->access == MODEL_WRITE) {
        memcpy(bytes, &step->value, sizeof(step->value));
        page->words[step->word] = step->value;
    }
    return 0;
}

static long do_copy(const struct step *step)
{
    struct program *program = &programs[step->program];
    struct oracle_page *page = &program->pages[step->first];
    uint64_t address = page_address(step->first) + word_offset[step->word];
    uint64_t word = 0;
    long result;
    bool write;

    if (step->access == MODEL_WRITE) {
        result = space_copy_out(program->space, address, &step->value, 8);
        if (!result)
            page->words[step->word] = step->value;
    } else {
        result = space_copy_in(program->space, &word, address, 8);
        if (!result)
            EXPECT_EQ(page->words[step->word], word);
    }
    if (result == -ENOMEM)
        return result;
    write = step->access == MODEL_WRITE;
    EXPECT_EQ(may(page, write ? MODEL_WRITE : MODEL_READ) ? 0 : -EFAULT,
              result);
    return 0;
}

/*
 * The CPU has read the page before, and reads it again; in between another
 * space may be active.
 */
static long do_copy_seen(const struct step *step)
{
    struct step read = { .kind = TOUCH,
                         .program = step->program,
                         .first = step->first,
                         .word = step->word,
                         .access = MODEL_READ };
    long result = do_touch(&read);

    if (step->file)
        activate(NULL);
    if (!result)
        result = do_copy(step);
    return result ? result : do_touch(&read);
}

static long do_map(const struct step *step)
{
    struct program *program = &programs[step->program];
    uint64_t offset = step->value % 3 * 4096 + step->value % 50;
    long result;

    result = space_map(program->space, page_address(step->first),
                       step->count * UINT64_C(4096) - step->value % 4096,
                       step->rights, step->file ? file_bytes + offset : NULL,
                       FILE_BYTES - offset);
    if (!result)
        oracle_map(program, step->first, step->count, step->rights, step->file,
                   offset);
    return result;
}

static long do_protect(const struct step *step)
{
    struct program *program = &programs[step->program];
    bool covered = true;
    long result;

    for (unsigned i = 0; i < step->count; i++)
        covered = covered && program->pages[step->first + i].mapped;
    result = space_protect(program->space, page_address(step->first),
                           step->count * UINT64_C(4096), step->rights);
    if (!covered)
        EXPECT_EQ(-ENOMEM, result);
    for (unsigned i = 0; !result && i < step->count; i++)
        program->pages[step->first + i].rights = step->rights;
    return covered ? result : 0;
}

static long do_fork(const struct step *step)
{
    struct program *program = &programs[step->program];
    struct program *child = &programs[step->other];

    if (child->space)
        return 0;
    child->space = space_fork(program->space);
    if (!child->space)
        return -ENOMEM;
    memcpy(child->pages, program->pages, sizeof(child->pages));
    return 0;
}

/* The active one goes on if another ends: nothing else makes it forget. */
static void end_program(struct program *program)
{
    if (program == active)
        activate(NULL);
    space_free(program->space);
    memset(program, 0, sizeof(*program));
}

static long do_step(const struct step *step)
{
    struct program *program = &programs[step->program];
    long result;

    switch (step->kind) {
    case TOUCH:
        return do_touch(step);
    case COPY:
        return do_copy_seen(step);
    case MAP:
        return do_map(step);
    case UNMAP:
        result = space_unmap(program->space, page_address(step->first),
                             step->count * UINT64_C(4096));
        if (!result)
            oracle_unmap(program, step->first, step->count);
        return result;
    case PROTECT:
        return do_protect(step);
    case FORK:
        return do_fork(step);
    case END:
        end_program(program);
        return 0;
    case SWITCH:
    default:
        activate(program);
        return 0;
    }
}

/* Mostly the active one, so that what it remembers is put to the test. */
static unsigned random_program(void)
{
    unsigned program = random_below(PROGRAMS);

    if (active && random_below(3))
        return (unsigned)(active - programs);
    while (!programs[program].space)
        program = (program + 1) % PROGRAMS;
    return program;
}

enum { RECENT = 16 };
static unsigned near, recent[RECENT];

/* Mostly near those of late: in a row, or the same ones. */
static unsigned random_page(void)
{
    switch (random_below(24)) {
    case 0:
        near = random_below(PAGES);
        return near;
    case 1:
    case 2:
        near = (near + 1) % PAGES;
        return near;
    default:
        return (near + random_below(12)) % PAGES;
    }
}

/* Where a change of many pages begins, and how many: about those of late. */
static void random_range(struct step *step)
{
    const struct program *program = &programs[step->program];
    unsigned window = near / WINDOW_PAGES * WINDOW_PAGES;
    unsigned first = near - window, most = 48, count = 0;

    first -= random_below(first < 24 ? first + 1 : 24);
    if (!random_below(step->kind == MAP ? 2 : 4))
        most = WINDOW_PAGES;
    if (most > WINDOW_PAGES - first)
        most = WINDOW_PAGES - first;
    step->first = window + first;
    step->count = 1 + random_below(most);
    if (step->kind != PROTECT)
        return;
    /* What has a hole cannot be protected. */
    while (count < step->count && program->pages[step->first + count].mapped)
        count++;
    if (count && random_below(8))
        step->count = count;
}

static unsigned programs_alive(void)
{
    unsigned alive = 0;

    for (unsigned i = 0; i < PROGRAMS; i++)
        alive += programs[i].space != NULL;
    return alive;
}

static struct step random_step(void)
{
    static const unsigned weights[KINDS] = { 70, 10, 10, 6, 20, 5, 4, 5 };
    unsigned sum = 0, at;
    struct step step = { 0 };

    for (unsigned i = 0; i < KINDS; i++)
        sum += weights[i];
    at = random_below(sum);
    while (at >= weights[step.kind])
        at -= weights[step.kind++];
    if (step.kind == END && programs_alive() == 1)
        step.kind = FORK;
    step.program = random_program();
    step.other = random_below(PROGRAMS);
    step.first = random_page();
    if (step.kind == TOUCH || step.kind == COPY)
        recent[random_below(RECENT)] = step.first;
    else
        random_range(&step);
    /* Mostly what changes nothing but the right to write. */
    step.rights =
        random_below(4) ? SPACE_READ | random_below(8) : random_below(8);
    step.word = random_below(WORDS);
    step.access = (enum model_access)random_below(3);
    step.file = !random_below(3);
    step.value = random_below(2) ? 0 : (uint64_t)random_below(1u << 30) << 12;
    if (step.kind != MAP || random_below(2))
        step.value += random_below(4096);
    return step;
}

/* What the CPU may remember of the active program: is it still so? */
static void poke(void)
{
    struct step step = { .kind = TOUCH };

    for (unsigned i = 0; active && i < 4; i++) {
        step.program = (unsigned)(active - programs);
        step.first = recent[random_below(RECENT)];
        step.word = random_below(WORDS);
        step.access = (enum model_access)random_below(3);
        step.value = random_state;
        EXPECT_EQ(0, do_step(&step));
    }
}

/*
 * A row of pages written, perhaps shared or copied then, and most of them
 * changed at once: as many as are worth another table.
 */
static void change_many(struct program *program)
{
    struct step step = { .kind = MAP, .rights = SPACE_READ | SPACE_WRITE };
    unsigned window = random_below(WINDOWS) * WINDOW_PAGES;

    step.program = (unsigned)(program - programs);
    step.first = window + random_below(400);
    step.count = 300;
    EXPECT_EQ(0, do_step(&step));
    near = step.first;
    for (step.kind = TOUCH; step.count--; step.first++) {
        step.access = random_below(8) ? MODEL_WRITE : MODEL_READ;
        step.value = step.access == MODEL_WRITE ? random_state : 0;
        EXPECT_EQ(0, do_step(&step));
        recent[random_below(RECENT)] = step.first;
    }
    step.other = random_below(PROGRAMS);
    step.kind = FORK;
    if (random_below(2))
        EXPECT_EQ(0, do_step(&step));
    poke();
    step.kind = random_below(2) ? PROTECT : UNMAP;
    step.first = near + random_below(40);
    step.count = 220 + random_below(40);
    step.rights = random_below(8);
    EXPECT_EQ(0, do_step(&step));
    poke();
}

/* Each allocation of it fails once; then it is done. */
static void do_step_failing(const struct step *step)
{
    for (long at = 0; at < MOST_ALLOCATIONS; at++) {
        size_t pages = model_pages_used() - space_pages_cached();
        long result;

        model_allocations = at;
        result = do_step(step);
        model_allocations = -1;
        if (result != -ENOMEM) {
            EXPECT_EQ(0, result);
            return;
        }
        EXPECT_EQ(pages, model_pages_used() - space_pages_cached());
    }
    FAIL("a step fails without end");
}

static void check_all_words(void)
{
    struct step step = { .kind = COPY, .access = MODEL_READ };

    for (step.program = 0; step.program < PROGRAMS; step.program++) {
        if (!programs[step.program].space)
            continue;
        for (step.first = 0; step.first < PAGES; step.first++) {
            step.word = step.first % WORDS;
            EXPECT_EQ(0, do_step(&step));
        }
    }
}

static void run(uint64_t seed, bool delay, unsigned root_pages)
{
    const char *steps = getenv("PVK_MM_STEPS");
    unsigned count = steps ? (unsigned)atoi(steps) : 3000;
    size_t pages, heap;

    printf("seed %" PRIu64 ", %s, roots of %u\n", seed,
           delay ? "batches at their end" : "at once", root_pages);
    random_state = seed;
    memset(programs, 0, sizeof(programs));
    active = NULL;
    near = 0;
    memset(recent, 0, sizeof(recent));
    model_setup(delay, root_pages);
    space_drop_cache();
    for (size_t i = 0; i < FILE_BYTES; i++)
        file_bytes[i] = (uint8_t)(i * 37 + i / 4096);
    pages = model_pages_used();
    heap = model_heap_used();
    programs[0].space = space_new();
    for (unsigned i = 0; i < count; i++) {
        struct step step = random_step();

        if (random_below(3))
            EXPECT_EQ(0, do_step(&step));
        else
            do_step_failing(&step);
        if (random_below(2))
            poke();
        if (!random_below(150))
            change_many(&programs[random_program()]);
        if (i % 8 == 0)
            verify_tables(programs, PROGRAMS);
    }
    check_all_words();
    verify_tables(programs, PROGRAMS);
    for (unsigned i = 0; i < PROGRAMS; i++) {
        if (programs[i].space)
            end_program(&programs[i]);
    }
    EXPECT_EQ(pages + space_pages_cached(), model_pages_used());
    space_drop_cache();
    EXPECT_EQ(pages, model_pages_used());
    EXPECT_EQ(heap, model_heap_used());
}

PVTEST(random_programs, "what they see is what the oracle says, to the page")
{
    const char *seed = getenv("PVK_MM_SEED");

    for (uint64_t i = 0; i < 8; i++)
        run(seed ? strtoull(seed, NULL, 0) : i + 1, i & 1, i & 2 ? 1 : 2);
}
