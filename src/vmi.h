/* SPDX-License-Identifier: MIT */
/*
 * What the files of the consumer of ROMs share: backend/vmi.c has what both
 * ABIs have in common, vmi_32.c and vmi_64.c are one each.
 */
#ifndef PVOPS_VMI_H
#define PVOPS_VMI_H

#include "internal.h"

#include "vmi_image.h"

/* An op, in ops.def's order. */
enum pvi_vmi_op {
#define PVOPS_OP(chapter, name, class) PVI_VMI_##chapter##_##name,
#include "ops.def"
#undef PVOPS_OP
    PVI_VMI_OPS
};

/* What the ROM makes of an op. */
struct pvi_vmi_answer {
    void (*function)(void); /* NULL: nothing, the op stays what it was */
    /* If 'body.kind' says so: bytes of 'function' that may stand in a site. */
    struct pvi_body body;
};

/* All zero: no ROM was taken. */
struct pvi_vmi {
    bool taken;
    bool settled;         /* whose clock and timer are is settled */
    bool clock_global;    /* partial: its clock is the same on every CPU */
    struct pvops_rom rom; /* of which 'whole' and 'calls' count below */
    struct pvi_vmi_answer answers[PVI_VMI_OPS];
};
extern struct pvi_vmi pvi_vmi;

/*
 * Of one ABI: vmi_32.c or vmi_64.c. What is wrong with a ROM they tell by
 * pvi_vmi_refuse().
 */

/*
 * Of each ROM that is found, in order: check it, fill pvi_vmi.rom, ask by
 * pvi_vmi_ask_owner(), run its Init, take its answers by
 * pvi_vmi_relocate(). True: that was the one; false: there is none.
 */
bool pvi_vmi_abi_find(const struct pvops_info *info,
                      const struct pvops_setup_options *options);
/*
 * Ask the ROM for every relocation and check each. 'answers' and 'calls' (as
 * pvops_rom.calls) are all zero before. False: refused.
 */
bool pvi_vmi_abi_answers(struct pvi_vmi_answer answers[PVI_VMI_OPS],
                         uint32_t calls[8]);
/* Whether the call is one that the ABI has a name for; NULL: it has not. */
const char *pvi_vmi_abi_call_name(unsigned call);
/*
 * The tables hold the ROM's ops: the rest of set-up. Of a whole ROM, pvi.caps,
 * selectors and root_pages become what it says; of each, pvi.resources and
 * pvi_vmi.clock_global. PVOPS_OK, or refused.
 */
enum pvops_status pvi_vmi_abi_setup(void);
/* Only if the ROM is whole. The library's timer is set up, or is not needed. */
enum pvops_status pvi_vmi_abi_cpu_setup(struct pvops_cpu *cpu);
void pvi_vmi_abi_cpu_teardown(struct pvops_cpu *cpu);

/* backend/vmi.c, for those two. */

/*
 * Remember that pvi_vmi.rom is refused: "checksum is not 0", or with a number
 * behind it if that is not PVI_VMI_NO_NUMBER. 'why' is kept.
 */
void pvi_vmi_refuse(const char *why, int64_t number);
#define PVI_VMI_NO_NUMBER (-1)

/*
 * Whether the kernel's owner wants pvi_vmi.rom, which is well formed; refused
 * if not, or if memory is hidden from the hypervisor and nobody allowed it.
 */
bool pvi_vmi_ask_owner(const struct pvops_info *info,
                       const struct pvops_setup_options *options);

/* Take the answers that there are now; false: refused, the last ones count. */
bool pvi_vmi_relocate(void);

/*
 * For lifecycle.c. Without PVOPS_VMI, and where there is no ROM, all do
 * nothing.
 */
#if PVOPS_VMI

/*
 * If options->rom: find a ROM, check it, ask its owner, run its Init. Uses no
 * op and logs nothing: pvi_vmi_report() tells what was wrong with those that
 * were not taken.
 */
void pvi_vmi_find(const struct pvops_info *info,
                  const struct pvops_setup_options *options);

/* One line for each that was refused since the last call. */
void pvi_vmi_report(void);

/* The ROM was a mistake: as if it had not been found. */
void pvi_vmi_drop(void);

/*
 * A partial ROM, when the tables hold the native ops, or what may replace them:
 * its Setup. If that fails, all is as without it.
 */
void pvi_vmi_start_partial(void);

/* Put the ROM's ops into the tables, above what was put there since. */
void pvi_vmi_install(void);

/*
 * After the boot CPU's set-up: what the ROM says now, put into the tables.
 * PVOPS_E_REFUSED: it makes no sense any more, and the ROM is whole.
 */
enum pvops_status pvi_vmi_update(void);

/* Which calls are the ROM's, in log lines. */
void pvi_vmi_describe(void);

/* Whether the op is the ROM's. */
static inline bool pvi_vmi_serves(enum pvi_vmi_op op)
{
    return pvi_vmi.taken && pvi_vmi.answers[op].function;
}

static inline bool pvi_vmi_has_clock(void)
{
    return pvi_vmi_serves(PVI_VMI_time_now_ns);
}

static inline bool pvi_vmi_whole(void)
{
    return pvi_vmi.taken && pvi_vmi.rom.whole;
}

#else

static inline void pvi_vmi_find(const struct pvops_info *info,
                                const struct pvops_setup_options *options)
{
    (void)info;
    (void)options;
}

static inline void pvi_vmi_report(void)
{
}

static inline void pvi_vmi_drop(void)
{
}

static inline void pvi_vmi_start_partial(void)
{
}

static inline void pvi_vmi_install(void)
{
}

static inline enum pvops_status pvi_vmi_update(void)
{
    return PVOPS_OK;
}

static inline void pvi_vmi_describe(void)
{
}

static inline bool pvi_vmi_has_clock(void)
{
    return false;
}

static inline bool pvi_vmi_whole(void)
{
    return false;
}

#endif

#endif /* PVOPS_VMI_H */
