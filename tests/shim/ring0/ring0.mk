# SPDX-License-Identifier: MIT
#
# A kernel with libxenshim.a and nothing else.

RING0_KERNEL := $(B)/tests/shim-ring0.elf

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
