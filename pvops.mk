# SPDX-License-Identifier: MIT
#
# libpvops' sources, for kernels that are built with make:
#
#     PVOPS := third_party/libpvops        (where this file is)
#     include $(PVOPS)/pvops.mk
#     SRCS += $(PVOPS_CLOCK_SRCS)          or, for all tiers,
#     SRCS += $(PVOPS_FULL_SRCS) $(PVOPS_FULL_SRCS_x86_64)     (or _i386)
#     CFLAGS += $(PVOPS_INCS:%=-I%)
#
# The same lists: pvops.cmake, meson.build. tools/check-lists compares them.

PVOPS_INCS := $(PVOPS)/include $(PVOPS)/src

# Tier clock.
PVOPS_CLOCK_SRCS := $(PVOPS)/src/clock.c

# Chapters console and power, each with the clock tier and nothing else.
PVOPS_CONSOLE_SRCS := $(PVOPS)/src/console.c $(PVOPS)/src/console_uart.c \
	$(PVOPS)/src/console_xen.c $(PVOPS)/src/xen_call.c
PVOPS_POWER_SRCS := $(PVOPS)/src/acpi.c $(PVOPS)/src/power.c \
	$(PVOPS)/src/power_acpi.c $(PVOPS)/src/power_hook.c \
	$(PVOPS)/src/power_pc.c $(PVOPS)/src/xen_call.c

# All tiers, without what only one architecture has.
PVOPS_FULL_SRCS := $(sort $(PVOPS_CLOCK_SRCS) $(PVOPS_CONSOLE_SRCS) \
	$(PVOPS_POWER_SRCS) \
	$(PVOPS)/src/cmos.c \
	$(PVOPS)/src/debug_mmu.c \
	$(PVOPS)/src/debug_mmu_map.c \
	$(PVOPS)/src/debug_mmu_rules.c \
	$(PVOPS)/src/hyperv_apic.c \
	$(PVOPS)/src/hyperv_crash.c \
	$(PVOPS)/src/hyperv_flush.c \
	$(PVOPS)/src/hyperv_hypercall.c \
	$(PVOPS)/src/hyperv_ipi.c \
	$(PVOPS)/src/hyperv_lock.c \
	$(PVOPS)/src/hyperv_start.c \
	$(PVOPS)/src/hyperv_stimer.c \
	$(PVOPS)/src/hyperv_vp.c \
	$(PVOPS)/src/kvm_smp.c \
	$(PVOPS)/src/lapic.c \
	$(PVOPS)/src/lifecycle.c \
	$(PVOPS)/src/lock.c \
	$(PVOPS)/src/log.c \
	$(PVOPS)/src/native.c \
	$(PVOPS)/src/native_mmu.c \
	$(PVOPS)/src/native_user.c \
	$(PVOPS)/src/seal.c \
	$(PVOPS)/src/sha256.c \
	$(PVOPS)/src/site_code.c \
	$(PVOPS)/src/smp.c \
	$(PVOPS)/src/smp_find.c \
	$(PVOPS)/src/smp_flush.c \
	$(PVOPS)/src/smp_sipi.c \
	$(PVOPS)/src/smp_start.c \
	$(PVOPS)/src/status.c \
	$(PVOPS)/src/tables.c \
	$(PVOPS)/src/vmi_32.c \
	$(PVOPS)/src/vmi_32_ops.c \
	$(PVOPS)/src/vmi_32_time.c \
	$(PVOPS)/src/vmi_64.c \
	$(PVOPS)/src/vmi_64_find.c \
	$(PVOPS)/src/vmi_image.c \
	$(PVOPS)/src/xen_events.c \
	$(PVOPS)/src/xen_hvm_smp.c \
	$(PVOPS)/src/xen_pv_batch.c \
	$(PVOPS)/src/xen_pv_mmu.c \
	$(PVOPS)/src/xen_pv_smp.c \
	$(PVOPS)/src/xen_pv_suspend.c \
	$(PVOPS)/src/xen_pv_tables.c \
	$(PVOPS)/src/xen_pv_traps.c \
	$(PVOPS)/src/xen_pv_user.c \
	$(PVOPS)/src/xen_smp.c \
	$(PVOPS)/src/xen_time.c \
	$(PVOPS)/src/xen_timer.c \
	$(PVOPS)/src/backend/hyperv.c \
	$(PVOPS)/src/backend/kvm.c \
	$(PVOPS)/src/backend/native.c \
	$(PVOPS)/src/backend/vmi.c \
	$(PVOPS)/src/backend/vmware.c \
	$(PVOPS)/src/backend/xen_hvm.c \
	$(PVOPS)/src/backend/xen_pv.c)
PVOPS_FULL_SRCS_x86_64 := $(PVOPS)/src/x86/native_64.S \
	$(PVOPS)/src/x86/start.S \
	$(PVOPS)/src/x86/xen_64.S
PVOPS_FULL_SRCS_i386 := $(PVOPS)/src/x86/native_32.S \
	$(PVOPS)/src/x86/start.S \
	$(PVOPS)/src/x86/vmi_32.S
