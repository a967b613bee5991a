/* SPDX-License-Identifier: MIT */
/*
 * xen_version and vm_assist: what the guest may know of this Xen.
 *
 * The version is that of Xen whose interface this is.
 */
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "domain/domain.h"
#include "mm/guest.h"

enum { MAJOR = 4, MINOR = 17 };

/*
 * writable_page_tables is not among them, though stores to read-only tables of
 * level 1 are carried out, as Xen does both. gnttab_map_avail_bits says that
 * a grant's mapping keeps those bits: no grant is ever mapped, and Linux does
 * not begin without it.
 */
#define FEATURES                                                               \
    (1u << XENFEAT_mmu_pt_update_preserve_ad | 1u << XENFEAT_highmem_assist |  \
     1u << XENFEAT_gnttab_map_avail_bits | 1u << XENFEAT_dom0 |                \
     (KERNEL_RING == 0) << XENFEAT_supervisor_mode_kernel)

static const xen_extraversion_t extraversion = "-shim";
static const xen_capabilities_info_t capabilities = "xen-3.0-x86_64";
static const xen_changeset_info_t changeset = "libpvops";
static const struct xen_compile_info compiled = {
    .compiler = __VERSION__,
};
static const xen_commandline_t commandline;
static const uint8_t handle[16];

static long put(uint64_t to, const void *from, size_t bytes)
{
    return guest_write(to, from, bytes) ? 0 : -XEN_EFAULT;
}

static long get_features(uint64_t argument)
{
    struct xen_feature_info info;

    if (!guest_read(&info, argument, sizeof(info)))
        return -XEN_EFAULT;
    if (info.submap_idx > 1)
        return -XEN_EINVAL;
    info.submap = info.submap_idx ? 0 : FEATURES;
    return put(argument, &info, sizeof(info));
}

long call_xen_version(uint64_t command, uint64_t argument)
{
    uint64_t begin = SHIM_BEGIN;

    command = (uint32_t)command;
    switch (command) {
    case XENVER_version:
        return MAJOR << 16 | MINOR;
    case XENVER_extraversion:
        return put(argument, extraversion, sizeof(extraversion));
    case XENVER_compile_info:
        return put(argument, &compiled, sizeof(compiled));
    case XENVER_capabilities:
        return put(argument, capabilities, sizeof(capabilities));
    case XENVER_changeset:
        return put(argument, changeset, sizeof(changeset));
    case XENVER_platform_parameters:
        return put(argument, &begin, sizeof(begin));
    case XENVER_get_features:
        return get_features(argument);
    case XENVER_pagesize:
        return PAGE_BYTES;
    case XENVER_guest_handle:
        return put(argument, handle, sizeof(handle));
    case XENVER_commandline:
        return put(argument, commandline, sizeof(commandline));
    }
    return call_unknown("xen_version", command);
}

/*
 * Stores to tables are always emulated, and roots above 4 GiB always allowed.
 * User mode's roots are always without the M2P: m2p_strict.
 */
long call_vm_assist(uint64_t command, uint64_t type)
{
    bool enable = (uint32_t)command == VMASST_CMD_enable;

    command = (uint32_t)command;
    if (command != VMASST_CMD_enable && command != VMASST_CMD_disable)
        return call_unknown("vm_assist", command);
    switch ((uint32_t)type) {
    case VMASST_TYPE_4gb_segments:
    case VMASST_TYPE_writable_pagetables:
    case VMASST_TYPE_pae_extended_cr3:
    case VMASST_TYPE_m2p_strict:
        return 0;
    case VMASST_TYPE_architectural_iopl:
        domain.architectural_iopl = enable;
        for (unsigned i = 0; i < domain.vcpu_count; i++)
            vcpu_set_iopl(vcpu_at(i), vcpu_at(i)->iopl);
        return 0;
    }
    return -XEN_EINVAL;
}
