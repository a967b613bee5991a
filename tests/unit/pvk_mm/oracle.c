/* SPDX-License-Identifier: MIT */
/*
 * The oracle: arrays.
 */
#include "oracle.h"

#include <string.h>

#include "mm/space.h"

uint8_t file_bytes[FILE_BYTES];
const unsigned word_offset[WORDS] = { 0, 4088 };

uint64_t page_address(unsigned page)
{
    static const uint64_t bases[WINDOWS] = {
        UINT64_C(0x0000000000600000) - 64 * 4096,
        UINT64_C(0x0000000040000000) - 300 * 4096,
        UINT64_C(0x0000008000000000) - 600 * 4096,
        SPACE_END - WINDOW_PAGES * 4096,
    };

    return bases[page / WINDOW_PAGES] + page % WINDOW_PAGES * UINT64_C(4096);
}

static uint64_t file_word(uint64_t at)
{
    uint64_t word = 0;

    for (unsigned i = 0; i < 8 && at + i < FILE_BYTES; i++)
        word |= (uint64_t)file_bytes[at + i] << 8 * i;
    return word;
}

void oracle_map(struct program *program, unsigned first, unsigned count,
                unsigned rights, bool file, uint64_t file_offset)
{
    for (unsigned i = 0; i < count; i++) {
        struct oracle_page *page = &program->pages[first + i];

        *page = (struct oracle_page){ .mapped = true, .rights = rights };
        for (unsigned word = 0; file && word < WORDS; word++)
            page->words[word] =
                file_word(file_offset + i * UINT64_C(4096) + word_offset[word]);
    }
}

void oracle_unmap(struct program *program, unsigned first, unsigned count)
{
    memset(&program->pages[first], 0, count * sizeof(program->pages[0]));
}
