# SPDX-License-Identifier: MIT
#
# libpvops itself: an archive, and one relocatable object in which nothing but
# pvops_* is global. The lists of sources are the embedders' own: pvops.mk.

PVOPS := .
include pvops.mk

PVOPS_CFLAGS := -std=c11 -Os $(DEBUG_INFO) -MMD -MP -ffreestanding -fno-pic \
	-fno-stack-protector -fcf-protection=none -mgeneral-regs-only \
	-mno-red-zone -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-declarations \
	-Wmissing-prototypes -Wmissing-field-initializers -Wsign-compare \
	-Wtype-limits -Wpointer-arith -Wvla -Wundef -Wold-style-definition

PVOPS_ARCHS := x86_64 i386
PVOPS_FLAGS_x86_64 := -m64
PVOPS_FLAGS_i386 := -m32 -march=i686
PVOPS_EMULATION_x86_64 := elf_x86_64
PVOPS_EMULATION_i386 := elf_i386

# x86_64 again, for a kernel in the highest 2 GiB of the address space: code
# model kernel, whose 32-bit addresses are sign-extended. Code of the default
# model has zero-extended ones, which are a byte or two shorter, and which ld
# refuses there ("relocation truncated to fit: R_X86_64_32").
PVOPS_FLAGS_x86_64-high := -m64 -mcmodel=kernel
PVOPS_EMULATION_x86_64-high := elf_x86_64
PVOPS_FULL_SRCS_x86_64-high := $(PVOPS_FULL_SRCS_x86_64)
# The same without tables and sites, to compare with: raw instructions.
PVOPS_FLAGS_x86_64-raw := $(PVOPS_FLAGS_x86_64-high) -DPVOPS_FULL=0
PVOPS_EMULATION_x86_64-raw := elf_x86_64
PVOPS_FULL_SRCS_x86_64-raw := $(PVOPS_FULL_SRCS_x86_64)
# And with the rules of mmu.h checked.
PVOPS_FLAGS_x86_64-debug := $(PVOPS_FLAGS_x86_64-high) -DPVOPS_DEBUG_MMU=1
PVOPS_EMULATION_x86_64-debug := elf_x86_64
PVOPS_FULL_SRCS_x86_64-debug := $(PVOPS_FULL_SRCS_x86_64)
# And with no backend but native and vmi: what else there is comes as a ROM.
PVOPS_ABI_FLAGS := -DPVOPS_BACKENDS_HEADER='"../kernel/backends_abi.def"'
PVOPS_ABI_WITHOUT := ./src/hyperv% ./src/xen_events.c ./src/xen_pv% \
	./src/xen_time% ./src/x86/xen_64.S \
	$(filter-out %/native.c %/vmi.c,$(wildcard ./src/backend/*.c))
PVOPS_FLAGS_x86_64-abi := $(PVOPS_FLAGS_x86_64-high) $(PVOPS_ABI_FLAGS)
PVOPS_EMULATION_x86_64-abi := elf_x86_64
PVOPS_FULL_SRCS_x86_64-abi := $(PVOPS_FULL_SRCS_x86_64)
PVOPS_WITHOUT_x86_64-abi := $(PVOPS_ABI_WITHOUT)
PVOPS_FLAGS_i386-abi := $(PVOPS_FLAGS_i386) $(PVOPS_ABI_FLAGS)
PVOPS_EMULATION_i386-abi := elf_i386
PVOPS_FULL_SRCS_i386-abi := $(PVOPS_FULL_SRCS_i386)
PVOPS_WITHOUT_i386-abi := $(PVOPS_ABI_WITHOUT)
# And with xen_pv alone, calling libxenshim.a: docs/shim.md.
PVOPS_FLAGS_x86_64-xenshim := $(PVOPS_FLAGS_x86_64-high) -DPVOPS_XENSHIM=1 \
	-DPVOPS_VMI=0 -DPVK_XENSHIM \
	-DPVOPS_BACKENDS_HEADER='"../kernel/backends_xen_pv.def"'
PVOPS_EMULATION_x86_64-xenshim := elf_x86_64
PVOPS_FULL_SRCS_x86_64-xenshim := $(PVOPS_FULL_SRCS_x86_64)
PVOPS_WITHOUT_x86_64-xenshim := ./src/hyperv% ./src/kvm% ./src/vmi% \
	./src/xen_hvm% \
	$(filter-out %/xen_pv.c,$(wildcard ./src/backend/*.c))
PVOPS_LIB_ARCHS := $(PVOPS_ARCHS) x86_64-high

# $(call PVOPS_RULES,ARCH)
define PVOPS_RULES
$(B)/obj/lib-$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(PVOPS_FLAGS_$(1)) $$(PVOPS_CFLAGS) $$(PVOPS_INCS:%=-I%) -c -o $$@ $$<

$(B)/obj/lib-$(1)/%.o: %.S
	@mkdir -p $$(@D)
	$$(CC) $$(PVOPS_FLAGS_$(1)) $$(PVOPS_CFLAGS) $$(PVOPS_INCS:%=-I%) -c -o $$@ $$<

PVOPS_OBJS_$(1) := $$(patsubst ./%,$(B)/obj/lib-$(1)/%.o,\
	$$(basename $$(filter-out $$(PVOPS_WITHOUT_$(1)),\
	$$(PVOPS_FULL_SRCS) $$(PVOPS_FULL_SRCS_$(1)))))

$(B)/lib/libpvops-$(1).a: $$(PVOPS_OBJS_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^

# A kernel's own names cannot meet the library's: the others become local.
$(B)/lib/libpvops-$(1).o: $$(PVOPS_OBJS_$(1))
	@mkdir -p $$(@D)
	$$(LD) -m $$(PVOPS_EMULATION_$(1)) -r -o $$@ $$^
	objcopy -w -G 'pvops_*' $$@

-include $$(PVOPS_OBJS_$(1):.o=.d)
endef
$(foreach arch,$(PVOPS_LIB_ARCHS) x86_64-raw x86_64-debug x86_64-xenshim \
	x86_64-abi i386-abi,\
	$(eval $(call PVOPS_RULES,$(arch))))

PVOPS_LIBS := $(foreach arch,$(PVOPS_LIB_ARCHS),\
	$(B)/lib/libpvops-$(arch).a $(B)/lib/libpvops-$(arch).o)

.PHONY: lib
lib: $(PVOPS_LIBS)

# The clock tier as two files that need nothing else of this tree.
PVOPS_DIST := $(B)/dist/pvops_clock.h $(B)/dist/pvops_clock.c

$(PVOPS_DIST) &: tools/make-dist VERSION include/pvops/clock.h \
		include/pvops/types.h $(PVOPS_CLOCK_SRCS) src/pvclock.h src/ticks.h \
		$(wildcard src/clock/*.h src/abi/*.h) src/x86/insn.h \
		src/x86/xen_call.h
	tools/make-dist $(B)/dist

.PHONY: dist
dist: $(PVOPS_DIST)

# Bytes of text, read-only data, data and BSS, as gcc -Os makes them: a part of
# the sources linked by itself. The clock tier without its description is what a
# kernel's linker keeps with --gc-sections.
SIZES_KEEP := -u pvops_probe -u pvops_clock_start -u pvops_clock_stop \
	-u pvops_clock_now_ns -u pvops_clock_export

# $(call SIZES_OBJS,ARCH,SOURCES)
SIZES_OBJS = $(patsubst ./%,$(B)/obj/lib-$(1)/%.o,$(basename $(2)))

# $(call PVOPS_SIZES,ARCH)
define PVOPS_SIZES
.PHONY: sizes-$(1)
sizes-$(1): $$(PVOPS_OBJS_$(1))
	@part() { \
	    name=$$$$1; shift; \
	    $$(LD) -m $$(PVOPS_EMULATION_$(1)) -r \
	        -o $(B)/obj/lib-$(1)/part.o "$$$$@" && \
	    size -A $(B)/obj/lib-$(1)/part.o | awk -v name="$$$$name" ' \
	        $$$$1 ~ /^\.text/ { text += $$$$2 } \
	        $$$$1 ~ /^(\.rodata|pvops_sites)/ { rodata += $$$$2 } \
	        $$$$1 ~ /^\.data/ { data += $$$$2 } \
	        $$$$1 ~ /^\.bss/ { bss += $$$$2 } \
	        END { printf "%-7s %-24s %6d %6d %6d %6d %6d\n", "$(1)", name, \
	            text, rodata, data, bss, text + rodata + data + bss }'; \
	}; \
	printf '%-7s %-24s %6s %6s %6s %6s %6s\n' \
	    "" "" text rodata data bss all; \
	part "clock, no description" --gc-sections $$(SIZES_KEEP) \
	    $$(call SIZES_OBJS,$(1),$$(PVOPS_CLOCK_SRCS)) && \
	part clock $$(call SIZES_OBJS,$(1),$$(PVOPS_CLOCK_SRCS)) && \
	part console $$(call SIZES_OBJS,$(1),$$(PVOPS_CONSOLE_SRCS)) && \
	part power $$(call SIZES_OBJS,$(1),$$(PVOPS_POWER_SRCS)) && \
	part "all tiers" $$(PVOPS_OBJS_$(1))
endef
$(foreach arch,$(PVOPS_ARCHS),$(eval $(call PVOPS_SIZES,$(arch))))

.PHONY: sizes
sizes: $(PVOPS_ARCHS:%=sizes-%)
