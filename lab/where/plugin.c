/* SPDX-License-Identifier: MIT */
/*
 * A TCG plugin that counts instructions and who executes them.
 *
 * Every instruction gets one addition, done by generated code before the
 * instruction itself, to the cell of its class: so a translation block that a
 * fault leaves in its middle is counted as far as it was executed. The class
 * is known from the address when the block is translated. What an address
 * cannot tell, whether a hypervisor or its guest is running, is followed by
 * two callbacks: at VMRUN and at the instruction behind it.
 *
 * Counting is not atomic: QEMU must run with -accel tcg,thread=single.
 *
 * Arguments: out=PATH               samples; PATH.live gets the counters
 *            mode=native|xen_pv|svm
 *            kernel=LO-HI           addresses of a kernel, HI not included
 *            pair=A:B               a sample from each pass of A to B
 */
#include "qemu_plugin_api.h"

#include "decode.h"
#include "live.h"

#include <ctype.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

enum {
    MAX_RANGES = 32,
    MAX_PAIRS = 64,
    MAX_SITES = 16,
    MAX_VCPUS = 64,
    MAX_SAMPLES = 1000000,
};

/* Source: Xen 4.17 xen/include/asm-x86/config.h, "Memory layout". */
#define XEN_FIRST UINT64_C(0xffff800000000000)
#define XEN_LAST  UINT64_C(0xffff87ffffffffff)

/* Lowest address that is not canonical with four levels of page tables. */
#define LOW_END UINT64_C(0x0000800000000000)

enum mode { MODE_NATIVE, MODE_XEN_PV, MODE_SVM };

struct range {
    uint64_t first, end;
};

struct pair {
    uint64_t from, to;
    bool open;
    uint64_t start[WHERE_CLASSES][WHERE_KINDS];
    uint64_t start_exits;
};

/* A VMRUN, by where the instruction behind it lies. */
struct site {
    uint64_t next_vaddr;
    const uint8_t *next_haddr;
    bool entered; /* it has put a vCPU into guest mode */
};

static enum mode mode;
static struct where_live *live;
static FILE *out;
static struct range ranges[MAX_RANGES];
static size_t range_count;
static struct pair pairs[MAX_PAIRS];
static size_t pair_count;
static size_t written; /* samples of all pairs */
static uint64_t marker_lowest = UINT64_MAX, marker_highest;
static struct site sites[MAX_SITES];
static size_t site_count;

static bool several_vcpus;
static unsigned current_vcpu;
static bool in_guest[MAX_VCPUS];

/*
 * No kernel has run yet: low addresses are firmware, boot loader and the
 * kernel's own first steps, not a user program.
 */
static bool booting = true;

/* Said once: the file that a run leaves behind must not look complete. */
static void give_up(const char *why)
{
    static bool said;

    if (said)
        return;
    said = true;
    fprintf(out, "error %s\n", why);
    fflush(out);
    fprintf(stderr, "where: %s\n", why);
}

/* A plain addition is exact in one thread only. */
static void check_thread(void)
{
    static pthread_t first;
    static bool known;

    if (!known) {
        first = pthread_self();
        known = true;
    } else if (!pthread_equal(first, pthread_self())) {
        give_up("vCPUs run in several threads, -accel tcg,thread=single is "
                "needed");
    }
}

static void enter(unsigned vcpu, bool guest)
{
    where_live_settle(live);
    in_guest[vcpu] = guest;
    live->outside = !guest;
}

static void on_block(unsigned vcpu, void *data)
{
    (void)data;
    if (vcpu == current_vcpu)
        return;
    check_thread();
    current_vcpu = vcpu;
    enter(vcpu, in_guest[vcpu]);
}

static void on_vmrun(unsigned vcpu, void *data)
{
    struct site *site = data;

    /* Counted here, or the guest would be charged for it. */
    live->cell[WHERE_HYPERVISOR][WHERE_ALL]++;

    /*
     * A guest's VMRUN is intercepted and changes nothing. The hypervisor's
     * own, seen in guest mode, says that the way out was missed.
     */
    if (in_guest[vcpu]) {
        if (site->entered)
            give_up("a VMRUN did not return to the instruction behind it");
        return;
    }
    site->entered = true;
    enter(vcpu, true);
}

static void on_vmexit(unsigned vcpu, void *data)
{
    const struct site *site = data;

    if (!site->entered)
        return;
    live->exits += in_guest[vcpu];
    enter(vcpu, false);
}

static void write_sample(const struct pair *pair)
{
    /* A marker in a hot path must not fill the disk. */
    if (written > MAX_SAMPLES)
        return;
    if (written++ == MAX_SAMPLES) {
        fprintf(out, "full\n");
        fflush(out);
        return;
    }
    fprintf(out, "sample %zu", (size_t)(pair - pairs));
    for (int k = 0; k < WHERE_KINDS; k++)
        for (int i = 0; i < WHERE_CLASSES; i++)
            fprintf(out, " %llu",
                    (unsigned long long)(live->sum[i][k] - pair->start[i][k]));
    /* The full stop tells a whole line from a truncated one. */
    fprintf(out, " %llu .\n",
            (unsigned long long)(live->exits - pair->start_exits));
    fflush(out);
}

static void on_marker(unsigned vcpu, void *data)
{
    const uint64_t address = (uintptr_t)data;

    (void)vcpu;
    if (live->outside)
        return;
    if (several_vcpus)
        check_thread();

    where_live_settle(live);
    for (size_t i = 0; i < pair_count; i++) {
        struct pair *pair = &pairs[i];

        if (pair->open && pair->to == address) {
            write_sample(pair);
            pair->open = false;
        }
        if (pair->from == address) {
            memcpy(pair->start, live->sum, sizeof(pair->start));
            pair->start_exits = live->exits;
            pair->open = true;
        }
    }
}

static bool is_marker(uint64_t vaddr)
{
    if (vaddr < marker_lowest || vaddr > marker_highest)
        return false;
    for (size_t i = 0; i < pair_count; i++)
        if (pairs[i].from == vaddr || pairs[i].to == vaddr)
            return true;
    return false;
}

static int class_of(uint64_t vaddr, bool outside)
{
    if (mode == MODE_XEN_PV && vaddr >= XEN_FIRST && vaddr <= XEN_LAST) {
        booting = false;
        return WHERE_HYPERVISOR;
    }

    bool kernel = vaddr >= LOW_END;

    for (size_t i = 0; i < range_count && !kernel; i++)
        kernel = vaddr >= ranges[i].first && vaddr < ranges[i].end;
    if (kernel) {
        /* From a hypervisor's own high addresses nothing follows. */
        if (!outside)
            booting = false;
        return WHERE_KERNEL;
    }
    if (booting)
        return mode == MODE_XEN_PV ? WHERE_HYPERVISOR : WHERE_KERNEL;
    return WHERE_USER;
}

static struct site *site_of_vmrun(uint64_t vaddr, const uint8_t *haddr,
                                  size_t size)
{
    for (size_t i = 0; i < site_count; i++)
        if (sites[i].next_vaddr == vaddr + size &&
            sites[i].next_haddr == haddr + size)
            return &sites[i];
    if (site_count == MAX_SITES) {
        give_up("more than 16 VMRUN instructions");
        return NULL;
    }
    sites[site_count] =
        (struct site){ .next_vaddr = vaddr + size, .next_haddr = haddr + size };
    return &sites[site_count++];
}

static struct site *site_returning_to(uint64_t vaddr, const uint8_t *haddr)
{
    for (size_t i = 0; i < site_count; i++)
        if (sites[i].next_vaddr == vaddr && sites[i].next_haddr == haddr)
            return &sites[i];
    return NULL;
}

static void follow_guest_mode(struct qemu_plugin_insn *insn, bool *out_counted)
{
    const uint64_t vaddr = qemu_plugin_insn_vaddr(insn);
    const uint8_t *haddr = qemu_plugin_insn_haddr(insn);
    const size_t size = qemu_plugin_insn_size(insn);
    struct site *site = site_returning_to(vaddr, haddr);

    if (site)
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_vmexit,
                                               QEMU_PLUGIN_CB_NO_REGS, site);
    if (!is_vmrun(qemu_plugin_insn_data(insn), size))
        return;
    site = site_of_vmrun(vaddr, haddr, size);
    if (!site)
        return;
    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_vmrun,
                                           QEMU_PLUGIN_CB_NO_REGS, site);
    *out_counted = true;
}

static void instrument(struct qemu_plugin_insn *insn, bool outside)
{
    const uint64_t vaddr = qemu_plugin_insn_vaddr(insn);
    const int class = class_of(vaddr, outside);
    bool counted = false;

    if (mode == MODE_SVM)
        follow_guest_mode(insn, &counted);
    if (is_marker(vaddr))
        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, on_marker, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)vaddr);
    if (!counted)
        qemu_plugin_register_vcpu_insn_exec_inline(
            insn, QEMU_PLUGIN_INLINE_ADD_U64, &live->cell[class][WHERE_ALL], 1);
    if (is_rep_string(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn)))
        qemu_plugin_register_vcpu_insn_exec_inline(
            insn, QEMU_PLUGIN_INLINE_ADD_U64, &live->cell[class][WHERE_REP], 1);
    if (is_call_below(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn)))
        qemu_plugin_register_vcpu_insn_exec_inline(
            insn, QEMU_PLUGIN_INLINE_ADD_U64, &live->cell[class][WHERE_CALLS],
            1);
}

/*
 * A block is translated when it is about to be executed for the first time,
 * and QEMU keeps blocks of guest mode apart from others at the same address.
 */
static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    const size_t count = qemu_plugin_tb_n_insns(tb);
    const struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);
    bool outside = live->outside;

    (void)id;
    if (mode == MODE_SVM) {
        outside = outside || site_returning_to(qemu_plugin_insn_vaddr(first),
                                               qemu_plugin_insn_haddr(first));
        /* Which vCPU runs matters only if each can be on its own side. */
        if (several_vcpus)
            qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block,
                                                 QEMU_PLUGIN_CB_NO_REGS, NULL);
    }
    for (size_t i = 0; i < count; i++)
        instrument(qemu_plugin_tb_get_insn(tb, i), outside);
}

/* "NUMBER<separator>NUMBER", in any base that strtoull() takes. */
static bool parse_two(const char *text, char separator, uint64_t *out_a,
                      uint64_t *out_b)
{
    char *end;

    if (!isdigit((unsigned char)text[0]))
        return false;
    *out_a = strtoull(text, &end, 0);
    if (*end != separator || !isdigit((unsigned char)end[1]))
        return false;
    *out_b = strtoull(end + 1, &end, 0);
    return !*end;
}

static bool set_mode(const char *name)
{
    static const char *const names[] = { "native", "xen_pv", "svm" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(name, names[i])) {
            mode = i;
            return true;
        }
    return false;
}

static bool add_range(const char *text)
{
    struct range range;

    if (range_count == MAX_RANGES ||
        !parse_two(text, '-', &range.first, &range.end))
        return false;
    ranges[range_count++] = range;
    return true;
}

static bool add_pair(const char *text)
{
    struct pair pair = { .open = false };

    if (pair_count == MAX_PAIRS || !parse_two(text, ':', &pair.from, &pair.to))
        return false;
    pairs[pair_count++] = pair;

    for (int i = 0; i < 2; i++) {
        const uint64_t marker = i ? pair.to : pair.from;

        if (marker < marker_lowest)
            marker_lowest = marker;
        if (marker > marker_highest)
            marker_highest = marker;
    }
    return true;
}

static bool open_out(const char *path)
{
    char live_path[4096];
    int fd;

    out = fopen(path, "we");
    if (!out || (size_t)snprintf(live_path, sizeof(live_path), "%s%s", path,
                                 WHERE_LIVE_SUFFIX) >= sizeof(live_path))
        return false;
    fd = open(live_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || ftruncate(fd, sizeof(*live)))
        return false;
    live = mmap(NULL, sizeof(*live), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (live == MAP_FAILED)
        return false;
    live->magic = WHERE_LIVE_MAGIC;
    return true;
}

static bool take_argument(const char *argument)
{
    static const struct {
        const char *key;
        bool (*take)(const char *value);
    } keys[] = {
        { "out=", open_out },
        { "mode=", set_mode },
        { "kernel=", add_range },
        { "pair=", add_pair },
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (!strncmp(argument, keys[i].key, strlen(keys[i].key)))
            return keys[i].take(argument + strlen(keys[i].key));
    return false;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                        char **argv)
{
    for (int i = 0; i < argc; i++)
        if (!take_argument(argv[i])) {
            fprintf(stderr, "where: cannot use the argument %s\n", argv[i]);
            return 1;
        }
    if (!live) {
        fprintf(stderr, "where: the argument out=PATH is missing\n");
        return 1;
    }
    if (strcmp(info->target_name, "x86_64") || !info->system_emulation ||
        info->system.max_vcpus > MAX_VCPUS) {
        fprintf(stderr, "where: needs an x86_64 machine of up to %d vCPUs\n",
                MAX_VCPUS);
        return 1;
    }
    several_vcpus = info->system.max_vcpus > 1;
    live->outside = mode == MODE_SVM;

    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
