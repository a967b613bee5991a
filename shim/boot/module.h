/* SPDX-License-Identifier: MIT */
/*
 * What is for the guest, among the loader's modules.
 */
#ifndef SHIM_BOOT_MODULE_H
#define SHIM_BOOT_MODULE_H

struct boot;
struct domain_source;

/*
 * What the loader has put into memory with the shim's own image: nothing, or
 * the kernel that libxenshim.a is linked into. NULL, or why not.
 */
const char *modules_add_own(struct boot *boot);

/*
 * Multiboot: the first module is the kernel, its text, without the first word,
 * the command line, the second module the initrd. PVH: one module, an archive
 * (newc) with "kernel", and "initrd" if there is one; the command line is the
 * shim's own.
 */
void modules_find(const struct boot *boot, struct domain_source *out_source);

/*
 * A kernel that is packed, as a bzImage: into memory of the guest's, which is
 * one module more from now on. After frames are known.
 */
void modules_unpack(struct boot *boot, struct domain_source *source);

#endif /* SHIM_BOOT_MODULE_H */
