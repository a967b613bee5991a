# SPDX-License-Identifier: MIT
#
# Guests: kernels that pvlab's verdicts are tried with; one folder each.
# NAME.elf is the 64-bit image, NAME-32.elf the 32-bit one. They start as pvk
# does, by kernel/boot, but at address 0 and with a Xen PV module mapped.

GUESTS         := $(patsubst tests/guest/%/main.c,%,\
	$(sort $(wildcard tests/guest/*/main.c)))
GUEST_START    := $(sort $(wildcard tests/guest/start/*.c))
GUEST_KERNEL   := $(PVK_BOOT_PARSERS) kernel/boot/reach.c \
	kernel/boot/xen_memory.c kernel/core/memory.c kernel/core/text.c
GUEST_LAYOUT   := -DLAYOUT_DIRECT=0 -DLAYOUT_EARLY=0
GUEST_CFLAGS   := -std=c11 -O2 $(DEBUG_INFO) -Iinclude -Itests/guest -Ikernel \
	-Ikernel/include -MMD -MP $(GUEST_LAYOUT) \
	-DBOOT_NAME='"pvlab guest"' \
	-ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
	-mgeneral-regs-only -mno-red-zone \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-declarations \
	-Wpointer-arith -Wvla -Wundef -Wold-style-definition
GUEST_LD       := $(B)/obj/guest.ld
GUEST_LDFLAGS  := -nostdlib -static --build-id=none -z max-page-size=4096 \
	-z noexecstack -T $(GUEST_LD)
GUEST_FLAGS_64 := -m64
GUEST_FLAGS_32 := -m32 -march=i686
GUEST_OBJ_64   := $(B)/obj/guest-64/tests/guest
GUEST_OBJ_32   := $(B)/obj/guest-32/tests/guest
GUEST_START_64 := $(GUEST_START:%.c=$(B)/obj/guest-64/%.o) \
	$(GUEST_KERNEL:%.c=$(B)/obj/guest-64/%.o) \
	$(B)/obj/guest-64/kernel/boot/entry_64.o $(GUEST_OBJ_64)/start/xen_call.o \
	$(GUEST_LD)
GUEST_START_32 := $(GUEST_START:%.c=$(B)/obj/guest-32/%.o) \
	$(GUEST_KERNEL:%.c=$(B)/obj/guest-32/%.o) \
	$(B)/obj/guest-32/kernel/boot/entry_32.o $(GUEST_OBJ_32)/start/xen_call.o \
	$(GUEST_LD)
# Console and power are the library's.
GUEST_LIB_64   := $(B)/lib/libpvops-x86_64.a
GUEST_LIB_32   := $(B)/lib/libpvops-i386.a

.PHONY: guests
guests: $(GUESTS:%=$(B)/tests/guest/%.elf) $(GUESTS:%=$(B)/tests/guest/%-32.elf)

$(B)/obj/guest-64/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(GUEST_FLAGS_64) $(GUEST_CFLAGS) -c -o $@ $<

$(B)/obj/guest-64/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(GUEST_FLAGS_64) $(GUEST_CFLAGS) -c -o $@ $<

$(B)/obj/guest-32/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(GUEST_FLAGS_32) $(GUEST_CFLAGS) -c -o $@ $<

$(B)/obj/guest-32/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(GUEST_FLAGS_32) $(GUEST_CFLAGS) -c -o $@ $<

# pvk's, with all at address 0.
$(GUEST_LD): kernel/link.ld kernel/arch/layout.h
	@mkdir -p $(@D)
	$(CC) $(GUEST_LAYOUT) -Ikernel -E -P -x assembler-with-cpp -o $@ $<

# The 32-bit rule comes first: its stem is the shorter one and wins.
$(B)/tests/guest/%-32.elf: $(GUEST_OBJ_32)/%/main.o $(GUEST_START_32) \
		$(GUEST_LIB_32)
	@mkdir -p $(@D)
	$(LD) -m elf_i386 $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^)

$(B)/tests/guest/%.elf: $(GUEST_OBJ_64)/%/main.o $(GUEST_START_64) \
		$(GUEST_LIB_64)
	@mkdir -p $(@D)
	$(LD) -m elf_x86_64 $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^)

# Booted by GRUB, BIOS or UEFI: Multiboot2. Made on demand.
$(B)/tests/guest/%.iso: $(B)/tests/guest/%.elf kernel/boot/grub.cfg
	@rm -rf $(@:.iso=.iso.d) && mkdir -p $(@:.iso=.iso.d)/boot/grub
	@cp $< $(@:.iso=.iso.d)/boot/kernel.elf
	@cp kernel/boot/grub.cfg $(@:.iso=.iso.d)/boot/grub/
	grub-mkrescue --locales= --fonts= --themes= \
	    -o $@ $(@:.iso=.iso.d) 2>$@.log || { cat $@.log; exit 1; }

# Objects are kept: a guest is linked from them again when one changes.
.SECONDARY: $(GUESTS:%=$(GUEST_OBJ_64)/%/main.o) \
	$(GUESTS:%=$(GUEST_OBJ_32)/%/main.o)

-include $(wildcard $(GUEST_OBJ_64)/*/*.d $(GUEST_OBJ_32)/*/*.d \
	$(B)/obj/guest-64/kernel/*/*.d $(B)/obj/guest-32/kernel/*/*.d)

# They speak to Xen without the library.
$(B)/obj/guest-64/tests/guest/hypercalls/%.o \
$(B)/obj/guest-32/tests/guest/hypercalls/%.o \
$(B)/obj/guest-64/tests/guest/dom0/%.o \
$(B)/obj/guest-32/tests/guest/dom0/%.o \
$(B)/obj/guest-64/tests/guest/pv-rules/%.o \
$(B)/obj/guest-32/tests/guest/pv-rules/%.o: GUEST_CFLAGS += -Isrc
