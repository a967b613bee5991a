/* SPDX-License-Identifier: MIT */
/*
 * The domain in memory, as Xen's builder of dom0 leaves it. What its beginning
 * takes is in one piece, and so are the frame numbers there.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/dom0_build.c, dom0_construct_pv().
 */
#include "abi/x86.h"
#include "abi/x86_gate.h"
#include "abi/xen_pv.h"
#include "boot/boot.h"
#include "boot/map.h"
#include "dev/clock.h"
#include "domain/balloon.h"
#include "domain/domain.h"
#include "domain/places.h"
#include "image/image.h"
#include "log.h"
#include "mm/frame.h"
#include "mm/memory.h"

#include <string.h>

/* What a kernel may ask for: stores to its tables are carried out. */
#define FEATURES                                                               \
    (1u << XENFEAT_writable_page_tables |                                      \
     1u << XENFEAT_writable_descriptor_tables |                                \
     1u << XENFEAT_mmu_pt_update_preserve_ad | 1u << XENFEAT_dom0 |            \
     1u << XENFEAT_pae_pgdir_above_4gb)

enum { ALIGNED = 512 };

#define ENTRY_DATA                                                             \
    (X86_PTE_PRESENT | X86_PTE_WRITE | X86_PTE_USER | X86_PTE_ACCESSED |       \
     X86_PTE_DIRTY | 1ull << XEN_PTE_GUEST_KERNEL_BIT)
#define ENTRY_TABLE                                                            \
    (X86_PTE_PRESENT | X86_PTE_WRITE | X86_PTE_USER | X86_PTE_ACCESSED |       \
     X86_PTE_DIRTY)

static struct kernel_image image;
static struct domain_layout layout;
static uint64_t first;      /* frame of pseudo-physical 0 */
static uint64_t next_table; /* pseudo-physical frame */
static uint64_t *p2m;

static void *pseudo(uint64_t address)
{
    return (uint8_t *)memory_frame(first + (address >> PAGE_BITS)) +
           address % PAGE_BYTES;
}

static void *at_virtual(uint64_t address)
{
    return pseudo(address - layout.begin);
}

static const struct boot *loaded;

static bool in_module(uint64_t frame)
{
    for (size_t i = 0; i < loaded->module_count; i++) {
        uint64_t begin = loaded->modules[i].base >> PAGE_BITS;
        uint64_t end = (loaded->modules[i].base + loaded->modules[i].bytes +
                        PAGE_BYTES - 1) >>
                       PAGE_BITS;

        if (frame >= begin && frame < end)
            return true;
    }
    return false;
}

static bool not_in_module(uint64_t frame)
{
    return !in_module(frame);
}

/*
 * So aligned that runs of pseudo-physical pages are runs of machine frames that
 * are as well aligned: what a guest exchanges for devices it then has already.
 */
static void find_first(void)
{
    uint64_t begin = 0, end = 0;

    while (end < frame_count) {
        uint64_t at;

        for (begin = end; begin < frame_count; begin++) {
            if (frame_is_guests(begin) && !in_module(begin))
                break;
        }
        for (end = begin; end < frame_count; end++) {
            if (!frame_is_guests(end) || in_module(end))
                break;
        }
        at = (begin + ALIGNED - 1) & ~(uint64_t)(ALIGNED - 1);
        if (at < end && end - at >= layout.frames) {
            first = at;
            return;
        }
        if (end - begin >= layout.frames) {
            first = begin;
            return;
        }
    }
    boot_failed("too little memory: the kernel, its initrd and tables take "
                "%llu KiB in one piece",
                wide_number(layout.frames * (PAGE_BYTES / 1024)));
}

static void load_kernel(const struct domain_source *source)
{
    for (unsigned i = 0; i < image.segment_count; i++) {
        const struct kernel_segment *segment = &image.segments[i];

        memcpy(pseudo(segment->physical), source->kernel + segment->file_offset,
               segment->file_bytes);
    }
    if (image.hypercall_page != KERNEL_UNSET)
        hypercall_page_fill(at_virtual(image.hypercall_page));
    if (source->initrd_bytes)
        memcpy(pseudo(layout.initrd_frame << PAGE_BITS), source->initrd,
               source->initrd_bytes);
}

static uint64_t *table_below(uint64_t *table, unsigned index)
{
    if (!(table[index] & X86_PTE_PRESENT))
        table[index] = ((first + next_table++) << PAGE_BITS) | ENTRY_TABLE;
    return memory_at(table[index] & X86_PTE_ADDRESS);
}

static uint64_t *entry_of(uint64_t address)
{
    uint64_t *table = at_virtual(layout.tables);

    for (unsigned shift = 39; shift > PAGE_BITS; shift -= 9)
        table = table_below(table, address >> shift & 511);
    return &table[address >> PAGE_BITS & 511];
}

static void map(uint64_t address, uint64_t frame, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes; i += PAGE_BYTES)
        *entry_of(address + i) =
            (((first + frame) << PAGE_BITS) + i) | ENTRY_DATA;
}

static void protect(uint64_t address, uint64_t pages)
{
    for (uint64_t i = 0; i < pages; i++)
        *entry_of(address + i * PAGE_BYTES) &= ~X86_PTE_WRITE;
}

/* The tables of a p2m list that is apart are not mapped. */
static void build_tables(void)
{
    next_table = (layout.tables - layout.begin) >> PAGE_BITS;
    next_table++;
    map(layout.begin, 0, layout.end - layout.begin);
    protect(layout.tables, layout.table_pages);
    if (layout.p2m_apart) {
        next_table = layout.p2m_frame + (layout.p2m_bytes >> PAGE_BITS);
        map(layout.p2m, layout.p2m_frame, layout.p2m_bytes);
    }
}

static void give(uint64_t *pseudo_frame, uint64_t frame)
{
    p2m[*pseudo_frame] = frame;
    *(uint64_t *)memory_at(m2p_machine + frame * 8) = *pseudo_frame;
    ++*pseudo_frame;
}

static void give_range(uint64_t *next, uint64_t begin, uint64_t end,
                       bool modules)
{
    for (uint64_t i = begin; i < end; i++) {
        if (frame_is_guests(i) && in_module(i) == modules)
            give(next, i);
    }
}

/*
 * The beginning and what is above, what is below, and at last what the loader
 * had filled.
 */
static void fill_p2m(void)
{
    uint64_t next = 0, above = first + layout.frames;

    p2m = layout.p2m_apart ? pseudo(layout.p2m_frame << PAGE_BITS)
                           : at_virtual(layout.p2m);
    for (uint64_t i = 0; i < layout.frames; i++)
        give(&next, first + i);
    give_range(&next, above, frame_count, false);
    give_range(&next, 0, first, false);
    give_range(&next, 0, frame_count, true);
}

static void fill_start_info(const struct domain_source *source)
{
    struct start_info *start = at_virtual(layout.start_info);
    size_t length = strlen(source->cmdline);

    memcpy(start->magic, "xen-3.0-x86_64", 15);
    start->nr_pages = domain.pages;
    start->shared_info = domain.shared_frame << PAGE_BITS;
    start->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
    start->pt_base = layout.tables;
    start->nr_pt_frames = layout.table_pages;
    start->mfn_list = layout.p2m;
    if (layout.p2m_apart) {
        start->first_p2m_pfn = layout.p2m_frame;
        start->nr_p2m_frames =
            (layout.p2m_bytes >> PAGE_BITS) + layout.p2m_table_pages;
    }
    if (source->initrd_bytes) {
        start->mod_len = source->initrd_bytes;
        start->mod_start = layout.initrd ? layout.initrd : layout.initrd_frame;
        if (!layout.initrd)
            start->flags |= SIF_MOD_START_PFN;
    }
    if (length >= sizeof(start->cmd_line)) {
        log_line("the command line is longer than 1023 bytes: cut");
        length = sizeof(start->cmd_line) - 1;
    }
    memcpy(start->cmd_line, source->cmdline, length);
}

/* Its frame is the guest's to map, and never to be a table. */
static void make_shared_info(void)
{
    uint64_t at = memory_take(PAGE_BYTES);

    domain.shared_frame = at >> PAGE_BITS;
    domain.shared = memory_at(at);
    frames[domain.shared_frame] = (uint64_t)FRAME_GUEST << FRAME_OWNER_SHIFT;
    if (frame_get(domain.shared_frame, FRAME_WRITABLE) < 0)
        shim_failed("shared_info cannot be taken");
    for (unsigned i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        domain.shared->vcpu_info[i].evtchn_upcall_mask = 1;
    clock_fill_wall();
}

static void begin_at_entry(struct vcpu *vcpu)
{
    struct cpu_user_regs *regs = &vcpu->regs;
    uint64_t root = first + ((layout.tables - layout.begin) >> PAGE_BITS);

    if (frame_pin(root, FRAME_L4) < 0 || frame_get(root, FRAME_L4) < 0)
        shim_failed("its own page tables of the guest break its rules");
    vcpu->kernel_root = root << PAGE_BITS;
    regs->rip = image.entry;
    regs->cs = KERNEL_CS;
    regs->ss = KERNEL_SS;
    regs->rflags = X86_RFLAGS_IF | X86_RFLAGS_ONE;
    regs->rsp = layout.stack_end;
    regs->rsi = layout.start_info;
}

static uint64_t count_pages(void)
{
    uint64_t pages = 0;

    for (uint64_t i = 0; i < frame_count; i++)
        pages += frame_is_guests(i);
    return pages;
}

void domain_build(const struct domain_source *source, const struct boot *boot)
{
    struct pvi_line why;

    if (!kernel_image_read(source->kernel, source->kernel_bytes, FEATURES,
                           &image, &why))
        boot_failed("kernel: %s", why.text);
    loaded = boot;
    balloon_reserve(not_in_module);
    domain.pages = count_pages();
    domain_lay_out(&image, source->initrd_bytes, domain.pages, &layout);
    find_first();
    memset(memory_frame(first), 0, layout.frames << PAGE_BITS);
    load_kernel(source);
    build_tables();
    fill_p2m();
    /* Behind it: frames that the guest may map, and does not own as memory. */
    make_shared_info();
    grant_setup();
    for (unsigned i = 0; i < domain.vcpu_count; i++) {
        vcpu_at(i)->id = i;
        vcpu_reset(vcpu_at(i));
    }
    fill_start_info(source);
    begin_at_entry(vcpu_at(0));
    log_line("guest \"%s\": %llu MiB, %u CPUs", image.guest_os,
             wide_number(domain.pages >> 8), domain.vcpu_count);
}
