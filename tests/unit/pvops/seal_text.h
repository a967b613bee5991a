/* SPDX-License-Identifier: MIT */
/*
 * Program text that a test makes, seals and really runs.
 *
 * Executable where it runs, writable only through an alias, as in a kernel that
 * protects its text. It lies within 2 GiB of the library.
 */
#ifndef SEAL_TEXT_H
#define SEAL_TEXT_H

#include "internal.h"

enum {
    TEXT_PAGES = 4,
    TEXT_BYTES = TEXT_PAGES * 4096,
    TEXT_RECORDS = 512,
};

struct text {
    uint8_t *run;   /* readable and executable */
    uint8_t *alias; /* the same pages, writable */
    size_t at;      /* where the next byte goes */
    /* Near the text: a record reaches 2 GiB. */
    int32_t *records;
    struct pvops_sites sites;
    /* What pvops_host_text() does. */
    const uint8_t *refuse; /* no alias for this site */
    bool refuse_all;
    bool wrong_alias; /* an alias of other text */
    unsigned aliases;
    /* What the library logged. */
    unsigned lines;
    char line[128];
};
extern struct text text;

/* Fresh text, tables native, stage as after the boot CPU's set-up. */
void text_start(void);

/* Append bytes; returns where they run. */
uint8_t *text_bytes(const void *bytes, size_t size);

/* Append a site: opcode ff 'second' with the slot; and its record. */
uint8_t *text_site_of(unsigned second, const void *slot);
void text_record(const uint8_t *site);

/* A site as the headers make it, called or (cpu.iret) jumped to. */
uint8_t *text_call(const void *slot);
uint8_t *text_jump(const void *slot);

/* A function that is such a site and RET. */
uint8_t *text_function(const void *slot);

/* RET. */
void text_ret(void);

/*
 * Once in each program that uses this: the library's state and the host's
 * functions. In its own object, so that nothing else is linked for them.
 */
#define TEXT_PROGRAM                                                           \
    struct pvi_state pvi;                                                      \
    void *pvops_host_text(const void *at, size_t bytes)                        \
    {                                                                          \
        return text_host_text(at, bytes);                                      \
    }                                                                          \
    void pvops_host_log(enum pvops_log_level level, const char *line)          \
    {                                                                          \
        (void)level;                                                           \
        text_host_log(line);                                                   \
    }                                                                          \
    void pvops_host_panic(const char *why)                                     \
    {                                                                          \
        FAIL("panic: %s", why);                                                \
    }                                                                          \
    void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)  \
    {                                                                          \
        (void)how;                                                             \
        FAIL("map of %zu bytes at %" PRIu64, bytes, paddr);                    \
    }
void *text_host_text(const void *at, size_t bytes);
void text_host_log(const char *line);

#endif /* SEAL_TEXT_H */
