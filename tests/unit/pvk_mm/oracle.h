/* SPDX-License-Identifier: MIT */
/*
 * What address spaces should be, said in the simplest way: for each page of
 * four windows whether it is mapped, with which rights, and two words of it.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stdint.h>

struct space;

/* Each window lies across a border of tables: of level 1, 2, 3, and the end. */
enum { WINDOWS = 4, WINDOW_PAGES = 700, PAGES = WINDOWS * WINDOW_PAGES };
uint64_t page_address(unsigned page);

enum { FILE_BYTES = 40 * 4096 + 100 };
extern uint8_t file_bytes[FILE_BYTES];

/* Where the words lie in each page. */
enum { WORDS = 2 };
extern const unsigned word_offset[WORDS];

struct oracle_page {
    bool mapped;
    unsigned rights;
    uint64_t words[WORDS];
};

struct program {
    struct space *space; /* NULL: there is none */
    struct oracle_page pages[PAGES];
};

/* What mapping does; 'file_offset' is that of the first page's bytes. */
void oracle_map(struct program *program, unsigned first, unsigned count,
                unsigned rights, bool file, uint64_t file_offset);
void oracle_unmap(struct program *program, unsigned first, unsigned count);

/* verify.c: what kernel/mm keeps of its tables is so, of all these spaces. */
void verify_tables(const struct program *programs, unsigned count);

#endif /* ORACLE_H */
