/* SPDX-License-Identifier: MIT */
/*
 * The call sites that libpvops records in a kernel, read from its ELF, and
 * what sealing makes of each under each backend that is in the image.
 *
 * Nothing is known here about a backend: its ops are the arrays pvi_ops_NAME
 * of the image, which set-up installs, its inline bytes are pvi_bodies_NAME,
 * and the bytes of a site are made by src/site_code.c, as in the kernel.
 *
 * Everything here reads untrusted bytes; see image.h.
 */
#ifndef LAB_SITES_H
#define LAB_SITES_H

#include "command/cmdline.h"
#include "sites/elf.h"

#include "site_code.h"

enum { SITES_NAME_BYTES = 32, SITES_TEXT_BYTES = 128 };

/* An op that has recorded sites; ops.def has them all. */
struct sites_op {
    const char *chapter, *name;
    const char *class;
    bool recorded;
    uint64_t slot;   /* address of its pointer */
    uint64_t native; /* pvi_native_CHAPTER_NAME; 0: not in the image */
    unsigned count;  /* sites */
};

/* What the sites of one op become under some backends. */
struct sites_form {
    unsigned op;
    char backends[160]; /* "native kvm hyperv" */
    char when[64];      /* what it depends on; "" for nothing */
    uint64_t function;
    bool is_inline;
    bool is_nothing; /* inline, and empty */
    bool at_boot;    /* its backend's table is filled only then, by a ROM */
    uint8_t bytes[PVI_SITE_BYTES];
};

struct sites_site {
    uint64_t address;
    uint8_t bytes[PVI_SITE_BYTES]; /* as they are in the file */
    int op;                        /* -1: no call site */
};

struct sites {
    struct sites_elf elf;
    const struct sites_op *ops;
    unsigned op_count;
    size_t site_count;
    struct sites_site *list;
    unsigned problems; /* records that lead to no call site */
    unsigned form_count;
    struct sites_form *forms;
    unsigned backend_count;
    char (*backends)[SITES_NAME_BYTES];
};

/*
 * Read them.
 *
 * Owns:   the caller calls sites_close(). 'bytes' stay until then.
 * Errors: false, with a sentence (sites_close() is not needed): no ELF, no
 *         records, records that are cut off, no symbols.
 */
bool sites_open(const struct image_bytes *bytes, struct sites *out_sites,
                char why[IMAGE_WHY_BYTES]);
void sites_close(struct sites *sites);

/*
 * The bytes that 'form' makes of a site at 'address'. False: its function is
 * out of reach, and the site stays as it is.
 */
bool sites_make(const struct sites *sites, const struct sites_form *form,
                uint64_t address, uint8_t out_bytes[PVI_SITE_BYTES]);

/* Disassembly, AT&T: "pushfq; popq %rax"; 'text' is returned. */
char *sites_disassemble(const struct sites *sites,
                        const uint8_t bytes[PVI_SITE_BYTES], uint64_t address,
                        char text[SITES_TEXT_BYTES]);

/* The reports, on stdout. */
void sites_print(const struct sites *sites, const char *path);
void sites_print_json(const struct sites *sites, const char *path);

/* Exit status. */
int sites_verb(const struct cmdline *line);

#endif /* LAB_SITES_H */
