/* SPDX-License-Identifier: MIT */
/*
 * As much of QEMU as a TCG plugin sees: translation, then execution.
 *
 * It does what QEMU 7.2 was seen to do: a block is translated when it is
 * about to be executed, and an instruction's callbacks come before its
 * additions, all of them before the instruction itself.
 */
#ifndef TESTS_UNIT_QEMU_MODEL_H
#define TESTS_UNIT_QEMU_MODEL_H

#include "where/qemu_plugin_api.h"

struct qemu_plugin_insn {
    uint64_t vaddr;
    uint8_t *haddr;
    const char *bytes;
    size_t size;

    /* Registered during its translation. */
    struct {
        qemu_plugin_vcpu_udata_cb_t call;
        void *data;
    } calls[4];
    size_t call_count;
    struct {
        uint64_t *cell, value;
    } adds[4];
    size_t add_count;
};

/* Translate 'insn' anew, as a block of its own, and execute it. */
void qemu_model_execute(unsigned vcpu, struct qemu_plugin_insn *insn);

#endif /* TESTS_UNIT_QEMU_MODEL_H */
