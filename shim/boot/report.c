/* SPDX-License-Identifier: MIT */
/*
 * What is said when nothing can go on.
 */
#include "log.h"

#include <stdarg.h>

#include "dev/power.h"
#include "dev/serial.h"
#include "domain/vcpu.h"
#include "line.h"
#include "mm/guest.h"

enum { STACK_LINES = 8 };

static void put_line(struct pvi_line *line)
{
    serial_write("shim: ", 6);
    serial_write(line->text, line->length);
    serial_write("\n", 1);
}

static void put_format(const char *format, va_list args)
{
    struct pvi_line line;

    pvi_line_format(&line, format, args);
    put_line(&line);
}

void log_line(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_format(format, args);
    va_end(args);
}

static void put_registers(const struct cpu_user_regs *regs)
{
    log_line("rip %llx cs %x rflags %llx rsp %llx ss %x",
             wide_number(regs->rip), regs->cs, wide_number(regs->rflags),
             wide_number(regs->rsp), regs->ss);
    log_line("rax %llx rbx %llx rcx %llx rdx %llx", wide_number(regs->rax),
             wide_number(regs->rbx), wide_number(regs->rcx),
             wide_number(regs->rdx));
    log_line("rsi %llx rdi %llx rbp %llx r8  %llx", wide_number(regs->rsi),
             wide_number(regs->rdi), wide_number(regs->rbp),
             wide_number(regs->r8));
    log_line("r9  %llx r10 %llx r11 %llx r12 %llx", wide_number(regs->r9),
             wide_number(regs->r10), wide_number(regs->r11),
             wide_number(regs->r12));
    log_line("r13 %llx r14 %llx r15 %llx", wide_number(regs->r13),
             wide_number(regs->r14), wide_number(regs->r15));
}

/* As far as it can be read, two words a line. */
static void put_stack(uint64_t stack)
{
    for (unsigned i = 0; i < STACK_LINES; i++, stack += 16) {
        uint64_t one, other;

        if (!guest_read64(stack, &one) || !guest_read64(stack + 8, &other))
            return;
        log_line("stack %llx: %llx %llx", wide_number(stack), wide_number(one),
                 wide_number(other));
    }
}

void guest_failed(const char *format, ...)
{
    const struct vcpu *vcpu = vcpu_this();
    va_list args;

    va_start(args, format);
    put_format(format, args);
    va_end(args);
    log_line("the guest is ended: vcpu %u in %s mode", vcpu->id,
             vcpu->kernel_mode ? "kernel" : "user");
    put_registers(&vcpu->regs);
    put_stack(vcpu->regs.rsp);
    power_off();
}

void shim_failed(const char *format, ...)
{
    va_list args;

    serial_take_over();
    va_start(args, format);
    put_format(format, args);
    va_end(args);
    log_line("this is a mistake of the shim's");
    power_off();
}

void boot_failed(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_format(format, args);
    va_end(args);
    log_line("no guest was started");
    power_off();
}
