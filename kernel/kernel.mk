# SPDX-License-Identifier: MIT
#
# pvk, the reference kernel: one ELF for each architecture, and on demand an ISO
# with GRUB. Of libpvops it sees include/ and the archive, nothing else.

PVK_SRCS   := $(sort $(wildcard kernel/boot/*.c kernel/arch/*.c \
	kernel/core/*.c kernel/checks/*.c kernel/module/*.c \
	kernel/bench/*.c kernel/report/*.c))
# What the shim has too.
PVK_UNPACK := unpack/gzip.c unpack/crc32.c
# Memory and user mode: an archive, of which the image takes what it calls.
PVK_SRCS_x86_64 := $(sort $(wildcard kernel/mm/*.c kernel/proc/*.c \
	kernel/exec/*.c kernel/proc/*.S)) $(PVK_UNPACK)
# What a loader left is read by these, which run on the host and in the guests
# of tests/guest as well.
PVK_BOOT_PARSERS := $(patsubst %,kernel/boot/%.c,\
	boot pvh multiboot1 multiboot2 xen_pv)
# What of an initrd is read by these, which run on the host as well.
PVK_INITRD_PARSERS := $(PVK_UNPACK) kernel/exec/cpio.c kernel/exec/elf.c
PVK_CFLAGS := -std=c11 -O2 $(DEBUG_INFO) -Iinclude -Ikernel -Ikernel/include -Iunpack \
	-MMD -MP -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
	-fno-omit-frame-pointer -fno-asynchronous-unwind-tables \
	-mgeneral-regs-only -mno-red-zone \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-declarations \
	-Wmissing-prototypes -Wmissing-field-initializers -Wsign-compare \
	-Wtype-limits -Wpointer-arith -Wvla -Wundef -Wold-style-definition
PVK_LDFLAGS := -nostdlib -static --build-id=none -z max-page-size=4096 \
	-z noexecstack --fatal-warnings

PVK_BITS_x86_64 := 64
PVK_BITS_i386   := 32
# The x86-64 image is linked in the highest 2 GiB: arch/layout.h.
PVK_LIB_x86_64 := x86_64-high
PVK_LIB_i386   := i386

# On demand: pvk of raw instructions, for what libpvops costs on bare metal.
PVK_SRCS_x86_64-raw := $(PVK_SRCS_x86_64)
PVK_BITS_x86_64-raw := 64
PVK_LIB_x86_64-raw  := x86_64-raw
# And one that checks the rules of page tables on bare metal (docs/mmu.md).
PVK_SRCS_x86_64-debug := $(PVK_SRCS_x86_64)
PVK_BITS_x86_64-debug := 64
PVK_LIB_x86_64-debug  := x86_64-debug

# For Xen PV alone, and with libxenshim.a (docs/shim.md).
PVK_SRCS_x86_64-xenshim := $(PVK_SRCS_x86_64)
PVK_BITS_x86_64-xenshim := 64
PVK_LIB_x86_64-xenshim  := x86_64-xenshim
PVK_WITH_x86_64-xenshim := $(B)/shim/libxenshim.a

# pvk-abi: bare metal, and whatever a ROM brings (docs/vmi64.md).
PVK_SRCS_x86_64-abi := $(PVK_SRCS_x86_64)
PVK_BITS_x86_64-abi := 64
PVK_LIB_x86_64-abi  := x86_64-abi
PVK_BITS_i386-abi   := 32
PVK_LIB_i386-abi    := i386-abi

# $(call PVK_RULES,ARCH)
define PVK_RULES
PVK_OBJS_$(1) := $$(PVK_SRCS:%.c=$(B)/obj/pvk-$(1)/%.o) \
	$(B)/obj/pvk-$(1)/kernel/arch/traps_$(PVK_BITS_$(1)).o \
	$(B)/obj/pvk-$(1)/kernel/boot/restart_$(PVK_BITS_$(1)).o
PVK_ENTRY_$(1) := $(B)/obj/pvk-$(1)/kernel/boot/entry_$(PVK_BITS_$(1)).o
PVK_USER_OBJS_$(1) := $$(patsubst %,$(B)/obj/pvk-$(1)/%.o,\
	$$(basename $$(PVK_SRCS_$(1))))

$(B)/obj/pvk-$(1)/%.o: %.c kernel/kernel.mk
	@mkdir -p $$(@D)
	$$(CC) $$(PVOPS_FLAGS_$$(PVK_LIB_$(1))) $$(PVK_CFLAGS) -c -o $$@ $$<

$(B)/obj/pvk-$(1)/%.o: %.S kernel/kernel.mk
	@mkdir -p $$(@D)
	$$(CC) $$(PVOPS_FLAGS_$$(PVK_LIB_$(1))) $$(PVK_CFLAGS) -c -o $$@ $$<

$(B)/obj/pvk-$(1)/link.ld: kernel/link.ld
	@mkdir -p $$(@D)
	$$(CC) $$(PVOPS_FLAGS_$(1)) $$(PVK_CFLAGS) -MF $$@.d -E -P \
	    -x assembler-with-cpp -o $$@ $$<

$(B)/obj/pvk-$(1)/user.a: $$(PVK_USER_OBJS_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^

$(B)/kernel/$(1)/pvk.elf: $$(PVK_ENTRY_$(1)) $$(PVK_OBJS_$(1)) \
		$(B)/obj/pvk-$(1)/user.a \
		$(B)/lib/libpvops-$$(PVK_LIB_$(1)).a $$(PVK_WITH_$(1)) $(B)/obj/pvk-$(1)/link.ld
	@mkdir -p $$(@D)
	$$(LD) -m $$(PVOPS_EMULATION_$(1)) $$(PVK_LDFLAGS) \
	    -T $(B)/obj/pvk-$(1)/link.ld -o $$@ $$(filter %.o %.a,$$^)

-include $$(PVK_OBJS_$(1):.o=.d) $$(PVK_ENTRY_$(1):.o=.d)
-include $$(PVK_USER_OBJS_$(1):.o=.d)
-include $(B)/obj/pvk-$(1)/link.ld.d
endef
$(foreach arch,$(PVOPS_ARCHS) x86_64-raw x86_64-debug x86_64-xenshim \
	x86_64-abi i386-abi,$(eval $(call PVK_RULES,$(arch))))

# The i386 image without its Multiboot header: a loader then takes PVH.
$(B)/obj/pvk-i386/kernel/boot/entry_32_pvh.o: kernel/boot/entry_32.S kernel/kernel.mk
	@mkdir -p $(@D)
	$(CC) $(PVOPS_FLAGS_i386) $(PVK_CFLAGS) -DPVK_WITHOUT_MULTIBOOT -c -o $@ $<

$(B)/kernel/i386/pvk-pvh.elf: $(B)/obj/pvk-i386/kernel/boot/entry_32_pvh.o \
		$(PVK_OBJS_i386) $(B)/lib/libpvops-i386.a \
		$(B)/obj/pvk-i386/link.ld
	@mkdir -p $(@D)
	$(LD) -m elf_i386 $(PVK_LDFLAGS) -T $(B)/obj/pvk-i386/link.ld -o $@ \
	    $(filter %.o %.a,$^)

PVK_ALL := $(PVOPS_ARCHS:%=$(B)/kernel/%/pvk.elf) $(B)/kernel/i386/pvk-pvh.elf \
	$(PVOPS_ARCHS:%=$(B)/kernel/%-abi/pvk.elf) \
	$(B)/kernel/x86_64-xenshim/pvk.elf

.PHONY: pvk
pvk: $(PVK_ALL)

# Booted by GRUB, BIOS or UEFI: Multiboot2. Made on demand; pvk-report.iso has
# "report" on its command line (docs/vendor.md).
$(B)/kernel/x86_64/pvk.iso $(B)/kernel/x86_64/pvk-report.iso: \
		$(B)/kernel/x86_64/pvk.elf kernel/boot/grub.cfg
	@rm -rf $@.d && mkdir -p $@.d/boot/grub
	@cp $< $@.d/boot/kernel.elf
	@sed 's/from grub/$(if $(findstring report,$@),report,from grub)/' \
	    kernel/boot/grub.cfg >$@.d/boot/grub/grub.cfg
	grub-mkrescue --locales= --fonts= --themes= -o $@ $@.d 2>$@.log || \
	    { cat $@.log; exit 1; }
