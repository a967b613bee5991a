/* SPDX-License-Identifier: MIT */
/*
 * Sealing: every recorded call site becomes what is best here, once.
 *
 * Two walks over the records. The first only reads, and refuses all if one
 * record leads elsewhere; the second writes. Each op's form is found out
 * before, so that a site costs the same however many there are.
 *
 * A write through another linear address than the one that is executed needs a
 * serialising instruction before the new bytes run (SDM volume 3, "Handling
 * Self- and Cross-Modifying Code"). The next call of a host function may run
 * them: so one after each write. IRET is one that costs a guest no exit; with a
 * supervisor shadow stack it would pop what is not there, and CPUID is taken.
 */
#include "internal.h"

#include "abi/cpuid.h"
#include "abi/x86.h"
#include <x86/insn.h>
#include <x86/system.h>

#define BITS (8u * (unsigned)sizeof(void *))

/* FNV-1a: each step is a bijection, so one changed byte changes the sum. */
#define SUM_START 0x811c9dc5u
#define SUM_PRIME 0x01000193u

/* Where each op with recorded sites is, and whether they jump there. */
#define RECORDED_COLD(what, slot)
#define RECORDED_QUICK(what, slot) what(slot, false)
#define RECORDED_HOT(what, slot)   what(slot, false)
#define RECORDED_ASM(what, slot)   what(slot, false)
#define RECORDED_TAIL(what, slot)  what(slot, true)
#define SLOT(slot, jump)           slot,
#define JUMP(slot, jump)           jump,

static const void *const slots[] = {
#define PVOPS_OP(chapter, name, class)                                         \
    RECORDED_##class(SLOT, &pvops_##chapter##_table.name)
#include "ops.def"
#undef PVOPS_OP
};
static const bool jumps[] = {
#define PVOPS_OP(chapter, name, class)                                         \
    RECORDED_##class(JUMP, &pvops_##chapter##_table.name)
#include "ops.def"
#undef PVOPS_OP
};
#define RECORDED (sizeof(slots) / sizeof(slots[0]))

/* What the sites of one op become. */
struct form {
    uint64_t slot;
    uint64_t function;
    bool jump;
    bool is_inline;
    uint8_t bytes[PVI_SITE_BYTES]; /* if inline */
};

static uint64_t body_function(const struct pvi_body *body)
{
    return (uintptr_t)body + (uintptr_t)(intptr_t)body->function;
}

static const struct pvi_body *find_body(const struct pvi_body *body,
                                        uint64_t function)
{
    for (; body && body->kind != PVI_BODY_END; body++) {
        if (body_function(body) == function)
            return body;
    }
    return NULL;
}

static void find_forms(struct form forms[RECORDED])
{
    for (size_t i = 0; i < RECORDED; i++) {
        struct form *form = &forms[i];
        const struct pvi_body *body;
        uintptr_t function;

        form->slot = (uintptr_t)slots[i];
        form->jump = jumps[i];
        __builtin_memcpy(&function, slots[i], sizeof(function));
        form->function = function;
        body = find_body(pvi_bodies_native, form->function);
        if (!body)
            body = find_body(pvi.backend->bodies, form->function);
#if PVOPS_VMI
        if (!body)
            body = find_body(pvi_vmi_bodies, form->function);
#endif
        form->is_inline =
            body &&
            pvi_site_inline(
                form->bytes, body,
                (const uint8_t *)(uintptr_t)(form->function + body->skip),
                BITS);
    }
}

static const uint8_t *site_of(const int32_t *record)
{
    return (const uint8_t *)((uintptr_t)record + (uintptr_t)(intptr_t)*record);
}

/* As they are now, whatever the compiler has seen before. */
static void fetch(uint8_t out_bytes[PVI_SITE_BYTES], const uint8_t *site)
{
    for (unsigned i = 0; i < PVI_SITE_BYTES; i++)
        out_bytes[i] = ((const volatile uint8_t *)site)[i];
}

static bool same(const uint8_t a[PVI_SITE_BYTES],
                 const uint8_t b[PVI_SITE_BYTES])
{
    uint8_t difference = 0;

    for (unsigned i = 0; i < PVI_SITE_BYTES; i++)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

enum state {
    STATE_CORRUPT,
    STATE_TABLE, /* through the table, '*out_form' */
    STATE_SEALED,
};

static enum state state_of(const uint8_t *site, const struct form *forms,
                           const struct form **out_form)
{
    uint8_t bytes[PVI_SITE_BYTES];
    enum pvi_site_kind kind;
    uint64_t to;

    fetch(bytes, site);
    kind = pvi_site_read(bytes, (uintptr_t)site, BITS, &to);
    if (kind == PVI_SITE_TABLE_CALL || kind == PVI_SITE_TABLE_JUMP) {
        for (size_t i = 0; i < RECORDED; i++) {
            if (to == forms[i].slot &&
                forms[i].jump == (kind == PVI_SITE_TABLE_JUMP)) {
                *out_form = &forms[i];
                return STATE_TABLE;
            }
        }
        return STATE_CORRUPT;
    }
    for (size_t i = 0; i < RECORDED; i++) {
        const struct form *form = &forms[i];

        if (form->is_inline
                ? same(bytes, form->bytes)
                : to == form->function &&
                      kind == (form->jump ? PVI_SITE_JUMP : PVI_SITE_CALL))
            return STATE_SEALED;
    }
    return STATE_CORRUPT;
}

static bool stays(const struct pvops_sites *sites, const uint8_t *site)
{
    return (!sites->keep_start && !sites->keep_stop) ||
           ((uintptr_t)site >= (uintptr_t)sites->keep_start &&
            (uintptr_t)site + PVI_SITE_BYTES <= (uintptr_t)sites->keep_stop);
}

static uint32_t sum_of(const struct pvops_sites *sites)
{
    uint32_t sum = SUM_START;

    for (const int32_t *record = sites->start; record < sites->stop; record++) {
        uint8_t bytes[PVI_SITE_BYTES];

        if (!stays(sites, site_of(record)))
            continue;
        fetch(bytes, site_of(record));
        for (unsigned i = 0; i < PVI_SITE_BYTES; i++)
            sum = (sum ^ bytes[i]) * SUM_PRIME;
    }
    return sum;
}

/* False, with a log line: a record leads to no site. Nothing is written. */
static bool check_records(const struct pvops_sites *sites,
                          const struct form *forms)
{
    const struct form *form;

    for (const int32_t *record = sites->start; record < sites->stop; record++) {
        if (state_of(site_of(record), forms, &form) != STATE_CORRUPT)
            continue;
        pvi_log(PVOPS_LOG_ERROR,
                "seal: record %u leads to %p, which is no call site; nothing "
                "was written",
                (unsigned)(record - sites->start),
                (const void *)site_of(record));
        return false;
    }
    return true;
}

/*
 * Whether this CPU may use a supervisor shadow stack: IA32_S_CET, an MSR, says
 * whether it does.
 */
static bool may_shadow_stack(void)
{
    return (pvi.caps & PVOPS_CAP_RING0) && x86_has_cpuid() &&
           x86_cpuid(CPUID_BASIC, 0).eax >= CPUID_MORE_FEATURES &&
           (x86_cpuid(CPUID_MORE_FEATURES, 0).ecx & CPUID_7_ECX_CET_SS) &&
           (x86_read_cr4() & X86_CR4_CET);
}

/* False: the host gives no alias of this text. */
static bool write_site(const uint8_t *site, const uint8_t bytes[PVI_SITE_BYTES],
                       bool shadow_stack)
{
    volatile uint8_t *alias = pvops_host_text(site, PVI_SITE_BYTES);

    if (!alias)
        return false;
    for (unsigned i = 0; i < PVI_SITE_BYTES; i++)
        alias[i] = bytes[i];
    if (shadow_stack)
        (void)x86_cpuid(CPUID_BASIC, 0);
    else
        pvi_serialise();
    return true;
}

enum pvops_status pvops_seal(struct pvops_sites *sites)
{
    struct form forms[RECORDED];
    const struct form *form = NULL;
    bool shadow_stack;
    unsigned refused = 0;
    unsigned far = 0;

    if (pvi.stage < PVI_STAGE_BOOT_CPU)
        return PVOPS_E_ORDER;
    /* A linker script's symbol before the padding is no place of a record. */
    if (sites->stop < sites->start ||
        (sites->stop > sites->start &&
         ((uintptr_t)sites->start | (uintptr_t)sites->stop) % sizeof(int32_t)))
        return PVOPS_E_INVALID;
    find_forms(forms);
    if (!check_records(sites, forms))
        return PVOPS_E_CORRUPT;

    shadow_stack = may_shadow_stack();
    sites->sealed = 0;
    for (const int32_t *record = sites->start; record < sites->stop; record++) {
        const uint8_t *site = site_of(record);
        uint8_t want[PVI_SITE_BYTES], got[PVI_SITE_BYTES];
        enum state state = state_of(site, forms, &form);

        if (state == STATE_TABLE) {
            if (form->is_inline) {
                for (unsigned i = 0; i < PVI_SITE_BYTES; i++)
                    want[i] = form->bytes[i];
            } else if (!pvi_site_direct(want, (uintptr_t)site, BITS,
                                        form->function, form->jump)) {
                far++;
                continue;
            }
            if (!write_site(site, want, shadow_stack)) {
                refused++;
                continue;
            }
            fetch(got, site);
            if (!same(want, got))
                state = STATE_CORRUPT;
        }
        if (state == STATE_CORRUPT) {
            pvi_log(PVOPS_LOG_ERROR,
                    "seal: site %p is not what was written there",
                    (const void *)site);
            return PVOPS_E_CORRUPT;
        }
        sites->sealed++;
    }
    sites->left = refused + far;
    sites->sum = sum_of(sites);
    pvi.stage = PVI_STAGE_SEALED;
    if (sites->left)
        pvi_log(PVOPS_LOG_INFO,
                "seal: %u sites stay calls through the table: %u cannot be "
                "written, %u are too far",
                sites->left, refused, far);
    return refused ? PVOPS_E_REFUSED : PVOPS_OK;
}

enum pvops_status pvops_verify(const struct pvops_sites *sites,
                               const void **out_bad)
{
    struct form forms[RECORDED];
    const struct form *form;
    const void *bad = NULL;

    if (out_bad)
        *out_bad = NULL;
    if (pvi.stage < PVI_STAGE_SEALED || (sites->sealed | sites->left) == 0)
        return sites->start == sites->stop && pvi.stage == PVI_STAGE_SEALED
                   ? PVOPS_OK
                   : PVOPS_E_ORDER;
    find_forms(forms);
    for (const int32_t *record = sites->start; record < sites->stop && !bad;
         record++) {
        const uint8_t *site = site_of(record);
        enum state state;

        if (!stays(sites, site))
            continue;
        state = state_of(site, forms, &form);
        if (state == STATE_CORRUPT ||
            (state == STATE_TABLE && sites->left == 0))
            bad = site;
    }
    if (out_bad)
        *out_bad = bad;
    return bad || sum_of(sites) != sites->sum ? PVOPS_E_CORRUPT : PVOPS_OK;
}
