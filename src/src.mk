# SPDX-License-Identifier: MIT
#
# libpvops itself: an archive, and one relocatable object in which nothing but
# pvops_* is global. The lists of sources are the embedders' own: pvops.mk.

PVOPS := .
include pvops.mk

PVOPS_CFLAGS := -std=c11 -Os -g -MMD -MP -ffreestanding -fno-pic \
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

# $(call PVOPS_RULES,ARCH)
define PVOPS_RULES
$(B)/obj/lib-$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(PVOPS_FLAGS_$(1)) $$(PVOPS_CFLAGS) $$(PVOPS_INCS:%=-I%) -c -o $$@ $$<

$(B)/obj/lib-$(1)/%.o: %.S
	@mkdir -p $$(@D)
	$$(CC) $$(PVOPS_FLAGS_$(1)) $$(PVOPS_CFLAGS) $$(PVOPS_INCS:%=-I%) -c -o $$@ $$<

PVOPS_OBJS_$(1) := $$(patsubst ./%,$(B)/obj/lib-$(1)/%.o,\
	$$(basename $$(PVOPS_FULL_SRCS) $$(PVOPS_FULL_SRCS_$(1))))

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
$(foreach arch,$(PVOPS_ARCHS),$(eval $(call PVOPS_RULES,$(arch))))

PVOPS_LIBS := $(foreach arch,$(PVOPS_ARCHS),\
	$(B)/lib/libpvops-$(arch).a $(B)/lib/libpvops-$(arch).o)

.PHONY: lib
lib: $(PVOPS_LIBS)
