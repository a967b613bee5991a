/* SPDX-License-Identifier: MIT */
/*
 * IN, OUT, INS and OUTS.
 */
#ifndef SHIM_EMULATE_PORT_H
#define SHIM_EMULATE_PORT_H

#include "emulate/insn.h"

/* Whether the virtual I/O privilege level allows I/O, CLI and STI. */
bool emulate_iopl_allows(const struct emulate_cpu *cpu);

enum emulate_result emulate_port(const struct emulate_cpu *cpu,
                                 const struct emulate_insn *insn,
                                 struct emulate_fault *out_fault);

#endif /* SHIM_EMULATE_PORT_H */
