/* SPDX-License-Identifier: MIT */
/*
 * What a program mapped: areas, apart from each other, by address.
 *
 * An array: few programs have more than twenty, fork() copies them by one
 * memcpy(), and what is looked for is found by halves.
 */
#ifndef PVK_MM_AREA_H
#define PVK_MM_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct area {
    uint64_t start, end; /* multiples of 4096 */
    const uint8_t *file; /* what is at 'start'; NULL: zeroes */
    uint64_t file_bytes; /* behind them zeroes */
    unsigned rights;
    bool apart; /* others keep out of its level-1 tables, if they can */
};

/* As many areas as a program may have. */
enum { AREAS_INLINE = 20, AREAS_MOST = 4096 };

struct areas {
    struct area *list; /* 'few', or from the heap */
    size_t count, room;
    struct area few[AREAS_INLINE];
};

void areas_setup(struct areas *areas);
void areas_teardown(struct areas *areas);

/* 'areas' is empty. False: no memory. */
bool areas_copy(struct areas *areas, const struct areas *from);

/* The first area that ends behind 'address': its index, or areas->count. */
size_t areas_from(const struct areas *areas, uint64_t address);

/* The one that holds 'address', or NULL. */
const struct area *areas_at(const struct areas *areas, uint64_t address);

/*
 * Room for 'more' areas than now, and for what the calls below need on the way;
 * false: no memory, or too many. How many more it takes to remove a range, or
 * to change its rights.
 */
bool areas_prepare(struct areas *areas, size_t more);
size_t areas_more_to_remove(const struct areas *areas, uint64_t start,
                            uint64_t end);
size_t areas_more_to_set(const struct areas *areas, uint64_t start,
                         uint64_t end);

/* After areas_prepare(). Take what lies in [start, end) out. */
void areas_remove(struct areas *areas, uint64_t start, uint64_t end);
/* Put in one that meets no other. */
void areas_insert(struct areas *areas, const struct area *area);
/* All of [start, end), which is covered, gets 'rights'. */
void areas_set_rights(struct areas *areas, uint64_t start, uint64_t end,
                      unsigned rights);

/* Whether every byte of [start, end) is in an area. */
bool areas_cover(const struct areas *areas, uint64_t start, uint64_t end);
/* Whether none is. */
bool areas_free(const struct areas *areas, uint64_t start, uint64_t end);

/*
 * Where 'bytes' have room, as high as can be, from 'top' down to 'bottom'; 0 if
 * nowhere. Big ones get level-1 tables of their own, if they can: to take them
 * out, or rights from them, is one store then. Such are areas_is_big().
 */
uint64_t areas_find_room(const struct areas *areas, uint64_t bottom,
                         uint64_t top, uint64_t bytes);
bool areas_is_big(uint64_t bytes);

#endif /* PVK_MM_AREA_H */
