# SPDX-License-Identifier: MIT
#
# Kernels with libxenshim.a: one with nothing else, and guests of tests/guest.

RING0_KERNEL := $(B)/tests/shim-ring0.elf
RING0_GUESTS := $(addprefix $(B)/tests/shim-,hypercalls.elf pv-rules.elf)

.PHONY: shim-guests
shim-guests: $(RING0_KERNEL) $(RING0_GUESTS)

$(B)/obj/tests/shim/ring0/main.o: tests/shim/ring0/main.c \
		tests/shim/ring0/ring0.mk
	@mkdir -p $(@D)
	$(CC) $(PVOPS_CFLAGS) -m64 -mcmodel=kernel -Ishim -Isrc -Iinclude -c \
	    -o $@ $<

$(RING0_KERNEL): $(B)/obj/tests/shim/ring0/main.o $(B)/shim/libxenshim.a \
		tests/shim/ring0/kernel.ld
	@mkdir -p $(@D)
	$(LD) -m elf_x86_64 -nostdlib -static --build-id=none \
	    -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
	    -T tests/shim/ring0/kernel.ld -o $@ $< $(B)/shim/libxenshim.a

-include $(B)/obj/tests/shim/ring0/main.d

# Guests with the archive: another entry, and no other's notes.
RING0_START := $(filter %.o,$(filter-out %/entry_64.o,$(GUEST_START_64)))

$(B)/obj/tests/shim/ring0/entry.o: kernel/boot/entry_64.S
	@mkdir -p $(@D)
	$(CC) $(GUEST_FLAGS_64) $(GUEST_CFLAGS) -DPVK_XENSHIM -c -o $@ $<

$(B)/obj/tests/shim/ring0/link.ld: kernel/link.ld kernel/arch/layout.h
	@mkdir -p $(@D)
	$(CC) $(GUEST_LAYOUT) -DPVK_XENSHIM -Ikernel -E -P \
	    -x assembler-with-cpp -o $@ $<

$(RING0_GUESTS): $(B)/tests/shim-%.elf: $(GUEST_OBJ_64)/%/main.o $(RING0_START) \
		$(B)/obj/tests/shim/ring0/entry.o $(GUEST_LIB_64) \
		$(B)/shim/libxenshim.a $(B)/obj/tests/shim/ring0/link.ld
	@mkdir -p $(@D)
	$(LD) -m elf_x86_64 $(GUEST_LDFLAGS:$(GUEST_LD)=$(lastword $^)) -o $@ \
	    -u xenshim_entry $(filter %.o,$^) $(filter %.a,$^)

-include $(B)/obj/tests/shim/ring0/entry.d
