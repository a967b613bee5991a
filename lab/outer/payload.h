/* SPDX-License-Identifier: MIT */
/*
 * What an outer system is given for the boots that it serves: small files in
 * its initramfs, disks and ISOs as virtio disks whose writes are thrown away.
 * Nothing else of this machine can be reached from inside.
 */
#ifndef LAB_OUTER_PAYLOAD_H
#define LAB_OUTER_PAYLOAD_H

#include "base/newc.h"
#include "plan/plan.h"
#include "qemu/qemu.h"

enum { PAYLOAD_MAX_DISKS = 20 };

struct payload {
    struct args files;  /* on this machine */
    struct args places; /* the same inside, "/boot/f0" */
    struct args disks;  /* on this machine; inside /dev/vda, /dev/vdb, ... */
    bool uefi;          /* a boot needs OVMF */
};

/*
 * Take in what a plan refers to; 'out_files' is how it is called inside, valid
 * as long as the payload. A domU's disks are its own, since Xen's QEMU writes
 * to them; other guests share them and write to their own QEMU's overlay.
 *
 * False, and nothing taken in, if the disks could be too many; that is never
 * so for the first plan.
 */
bool payload_add(struct payload *payload, const struct plan *plan,
                 struct qemu_files *out_files);

/* Put the files into the archive. False, with a sentence in 'why'. */
bool payload_pack(const struct payload *payload, struct newc *newc,
                  char why[WHY_BYTES]);

void payload_free(struct payload *payload);

#endif /* LAB_OUTER_PAYLOAD_H */
