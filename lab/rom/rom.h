/* SPDX-License-Identifier: MIT */
/*
 * A ROM of VMI 3.0 or of its 64-bit profile: what its bytes say, by the code
 * that decides in a kernel (src/vmi_image.c), and what its code answers, which
 * only running it can tell: under QEMU's software CPU, by lab/romprobe.
 */
#ifndef LAB_ROM_H
#define LAB_ROM_H

#include "base/dirs.h"
#include "command/cmdline.h"
#include "image/bytes.h"

#include "vmi_image.h"

enum { ROM_CALLS = 256, ROM_MOST_PROBLEMS = 300 };

/* What GetRelocationInfo answered. */
struct rom_answer {
    unsigned type;   /* VMI_RELOCATION_*, or what else it said */
    uint64_t target; /* from the ROM's first byte */
    unsigned skip, length, pad;
};

enum rom_asked {
    ROM_NOT_ASKED, /* 'why' says why not */
    ROM_INIT_ONLY, /* Init refused: 'why' is its reason, or a problem is */
    ROM_ANSWERED,
};

struct rom {
    const char *path;
    struct image_bytes bytes;
    unsigned major;  /* as which it is checked: 3 or 64 */
    uint32_t broken; /* a set of enum pvi_rom_rule */
    struct pvi_rom_image image;

    enum rom_asked asked;
    char why[WHY_BYTES];
    uint32_t init_status;
    struct rom_answer answers[ROM_CALLS];
    /* Sentences: what is wrong with what the code did. */
    char *problems[ROM_MOST_PROBLEMS];
    size_t problem_count;
};

/*
 * Map the file and look at its bytes.
 *
 * Owns:   the caller calls rom_close().
 * Errors: false, with a sentence; nothing to close.
 */
bool rom_open(const char *path, struct rom *out_rom, char why[IMAGE_WHY_BYTES]);
void rom_close(struct rom *rom);

/*
 * Run its code: fills the lower half of 'rom'. Nothing is run if the bytes are
 * so that it could not be found or entered. In 'line', 'on' is a platform, as
 * pvlab run boots it, NULL a bare PC, at once; options.timeout_s 0 is the usual
 * time.
 *
 * Errors: false, with a sentence: this machine or QEMU is at fault.
 */
bool rom_ask(struct rom *rom, const struct cmdline *line, char why[WHY_BYTES]);

/* VMI's name of a call; NULL: the ROM's API has no such. */
const char *rom_call_name(const struct rom *rom, unsigned call);
/* "CALL_REL"; NULL: the ROM's API has no such type. */
const char *rom_type_name(const struct rom *rom, unsigned type);

/* Of the image, or of the file if no length is to be believed. */
void rom_hash(const struct rom *rom, char text[65]);

/* What breaks no rule and is still worth a look; NULL behind the last. */
const char *rom_note(const struct rom *rom, unsigned index);

/* The reports, on stdout. */
void rom_print(const struct rom *rom);
void rom_print_json(const struct rom *rom);
void rom_print_check(const struct rom *rom);

/* Exit status. */
int rom_verb(const struct cmdline *line);

#endif /* LAB_ROM_H */
