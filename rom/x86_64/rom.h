/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the files of a ROM share; grouped by file. "Kernel" is who runs the ROM,
 * "the library" the libpvops that is linked into it.
 */
#ifndef ROM_H
#define ROM_H

#include "abi/vmi64.h"
#include "internal.h"

/* What the linker is told that the ROM's one backend is. */
extern const struct pvi_backend pvi_backend_rom;

/* The kernel's functions, as vmi64_init names them. */
typedef void rom_log(uint32_t level, const char *line);
typedef void rom_panic(const char *why);
typedef uint64_t rom_paddr(const void *va);
typedef void *rom_map(uint64_t paddr, size_t bytes, uint32_t how);
typedef void *rom_va(uint64_t paddr);

/* init.c: as Init was given it. */
struct rom_state {
    struct vmi64_init init;
    struct pvops_probe_options probe;
    struct pvops_info info;
};
extern struct rom_state rom;

/* The header's jumps lead to both. */
uint32_t rom_init(struct vmi64_init *init);
struct vmi64_relocation rom_get_relocation(uint32_t call);

/* life.c */
uint32_t rom_setup(struct vmi64_init *init);
uint32_t rom_cpu_setup(struct vmi64_cpu *cpu);
void rom_cpu_teardown(struct vmi64_cpu *cpu);

/* description.c: of the ROM's description. */
extern const bool rom_partial;
#define VMI64_CALL_GET_TIME_NS 148u
enum rom_chapter {
    ROM_IN_irq,
    ROM_IN_cpu,
    ROM_IN_mmu,
    ROM_IN_time,
    ROM_CHAPTERS,
};
/* Whether each call is served, and behind them each chapter. */
extern const bool rom_serves[VMI64_CALLS + ROM_CHAPTERS];

#endif /* ROM_H */
