/* SPDX-License-Identifier: MIT */
/*
 * The machine, and what shim/mm asks of the rest of the shim.
 */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "mm/flush.h"
#include "mm/frame.h"
#include "mm/memory.h"
#include "mm/table.h"

static uint8_t bytes[FRAMES * PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
static uint64_t words[FRAMES];

uint8_t *memory_begin = bytes;
uint64_t m2p_machine;
uint16_t flush_epoch;
bool lock_several;
unsigned flushes;

void flush_everywhere(void)
{
    flushes++;
    flush_epoch++;
}

void flush_serve(void)
{
}

int memory_setup(void **state)
{
    (void)state;
    memset(bytes, 0, sizeof(bytes));
    flushes = 0;
    frames = words;
    frame_count = FRAMES;
    for (unsigned i = 0; i < FRAMES; i++) {
        uint64_t owner = i < FRAMES_SHIMS    ? FRAME_SHIM
                         : i == FRAME_DEVICE ? FRAME_IO
                                             : FRAME_GUEST;

        words[i] = owner << FRAME_OWNER_SHIFT;
    }
    if (!frame_device_kept(FRAME_APIC))
        frame_keep_device(FRAME_APIC);
    for (unsigned i = 0; i < 16; i++)
        table_shim_slots[i] = to(1, P | W | (uint64_t)i << 9);
    return 0;
}

uint64_t *table_at(uint64_t frame)
{
    return memory_frame(frame);
}

unsigned uses(uint64_t frame)
{
    return words[frame] & FRAME_COUNT;
}

void chain(uint64_t frame, uint64_t flags)
{
    for (unsigned i = 0; i < 3; i++)
        table_at(frame + i)[0] = to(frame + i + 1, P | W);
    table_at(frame + 3)[0] = to(frame + 4, flags);
}
