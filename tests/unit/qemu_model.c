/* SPDX-License-Identifier: MIT */
/*
 * The functions that QEMU exports to a plugin, for one instruction at a time.
 */
#include "qemu_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct qemu_plugin_tb {
    struct qemu_plugin_insn *insn;
    qemu_plugin_vcpu_udata_cb_t call;
};

static qemu_plugin_vcpu_tb_trans_cb_t translate;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           qemu_plugin_vcpu_tb_trans_cb_t cb)
{
    (void)id;
    translate = cb;
}

void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
                                          qemu_plugin_vcpu_udata_cb_t cb,
                                          enum qemu_plugin_cb_flags flags,
                                          void *userdata)
{
    (void)flags;
    (void)userdata;
    tb->call = cb;
}

void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            qemu_plugin_vcpu_udata_cb_t cb,
                                            enum qemu_plugin_cb_flags flags,
                                            void *userdata)
{
    (void)flags;
    insn->calls[insn->call_count].call = cb;
    insn->calls[insn->call_count++].data = userdata;
}

void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
                                                enum qemu_plugin_op op,
                                                void *ptr, uint64_t imm)
{
    assert_int_equal(op, QEMU_PLUGIN_INLINE_ADD_U64);
    insn->adds[insn->add_count].cell = ptr;
    insn->adds[insn->add_count++].value = imm;
}

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb)
{
    (void)tb;
    return 1;
}

struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx)
{
    assert_int_equal(idx, 0);
    return tb->insn;
}

const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn)
{
    return insn->bytes;
}

size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn)
{
    return insn->size;
}

uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn)
{
    return insn->vaddr;
}

void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn)
{
    return insn->haddr;
}

void qemu_model_execute(unsigned vcpu, struct qemu_plugin_insn *insn)
{
    struct qemu_plugin_tb tb = { .insn = insn };

    translate(1, &tb);
    if (tb.call)
        tb.call(vcpu, NULL);
    for (size_t i = 0; i < insn->call_count; i++)
        insn->calls[i].call(vcpu, insn->calls[i].data);
    for (size_t i = 0; i < insn->add_count; i++)
        *insn->adds[i].cell += insn->adds[i].value;
}
