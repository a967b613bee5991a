# SPDX-License-Identifier: MIT
#
# The shim: Xen's hypercall API on bare metal (docs/shim.md). Its code of 64
# bits is linked where Xen would be, made flat, and wrapped into an ELF32.

SHIM_PARTS := boot domain mm trap call event dev image emulate
SHIM_SRCS := $(sort $(foreach part,$(SHIM_PARTS),\
	$(wildcard shim/$(part)/*.c shim/$(part)/*.S)))
SHIM_SRCS := $(filter-out shim/boot/wrap.S,$(SHIM_SRCS)) \
	$(sort $(wildcard unpack/*.c))
# libpvops' own: what it knows of bare metal; and pvk's readers of loaders.
SHIM_PVOPS_SRCS := $(addprefix src/,clock.c acpi.c cmos.c console_uart.c \
	power.c power_acpi.c power_hook.c power_pc.c xen_call.c x86/start.S)
SHIM_PVK_SRCS := $(addprefix kernel/,boot/boot.c boot/pvh.c boot/multiboot1.c \
	boot/multiboot2.c boot/xen_pv.c core/memory.c exec/cpio.c)


SHIM_CFLAGS := $(filter-out -Os -fno-pic,$(PVOPS_CFLAGS)) -O2 -m64 -fpie \
	-fvisibility=hidden -mpreferred-stack-boundary=3 -Ishim -Iunpack -Isrc -Iinclude -Ikernel -Ikernel/include
SHIM_LDFLAGS := -m elf_x86_64 -nostdlib -static --build-id=none \
	-z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
	--gc-sections -e entry_multiboot -u entry_multiboot

SHIM_OBJS := $(patsubst %,$(B)/obj/shim/%.o,\
	$(basename $(SHIM_SRCS) $(SHIM_PVOPS_SRCS) $(SHIM_PVK_SRCS)))

$(B)/obj/shim/%.o: %.c shim/shim.mk
	@mkdir -p $(@D)
	$(CC) $(SHIM_CFLAGS) -include rom/x86_64/hidden.h -c -o $@ $<

$(B)/obj/shim/%.o: %.S shim/shim.mk
	@mkdir -p $(@D)
	$(CC) $(SHIM_CFLAGS) -c -o $@ $<

$(B)/obj/shim/link.ld: shim/link.ld shim/layout.h
	@mkdir -p $(@D)
	$(CC) $(SHIM_CFLAGS) -MF $@.d -E -P -x assembler-with-cpp -o $@ $<

$(B)/shim/shim64.elf: $(SHIM_OBJS) $(B)/obj/shim/link.ld
	@mkdir -p $(@D)
	$(LD) $(SHIM_LDFLAGS) -T $(B)/obj/shim/link.ld -o $@ $(SHIM_OBJS)

$(B)/obj/shim/image.bin: $(B)/shim/shim64.elf
	objcopy -O binary $< $@

$(B)/obj/shim/wrap.o: shim/boot/wrap.S $(B)/obj/shim/image.bin
	$(CC) -m32 -Ishim -DSHIM_IMAGE='"$(B)/obj/shim/image.bin"' -c -o $@ $<

$(B)/shim/shim.elf: $(B)/obj/shim/wrap.o shim/boot/wrap.ld
	end=$$(nm $(B)/shim/shim64.elf | sed -n 's/^ffff82d08\(.*\) . shim_end$$/\1/p'); \
	$(CC) -m32 -Ishim -DSHIM_MEMORY=$$((0x$$end)) -E -P \
	    -x assembler-with-cpp -o $(B)/obj/shim/wrap.ld shim/boot/wrap.ld
	$(LD) -m elf_i386 -nostdlib -static --build-id=none \
	    -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
	    -T $(B)/obj/shim/wrap.ld -o $@ $<

# The second form: the same, but for what is in ring0/, as bytes in an archive
# that is linked into a kernel.
RING0_SRCS := $(filter-out shim/boot/entry.S shim/boot/module.c \
	shim/domain/hypercall_page.c shim/trap/entry.S shim/image/packed.c \
	unpack/% kernel/exec/cpio.c,$(SHIM_SRCS) $(SHIM_PVOPS_SRCS) \
	$(SHIM_PVK_SRCS)) \
	$(addprefix shim/ring0/,entry.S hypercall_page.c module.c start.S)
RING0_OBJS := $(patsubst %,$(B)/obj/xenshim/%.o,$(basename $(RING0_SRCS)))
RING0_CFLAGS := $(SHIM_CFLAGS) -DSHIM_RING0

$(B)/obj/xenshim/%.o: %.c shim/shim.mk
	@mkdir -p $(@D)
	$(CC) $(RING0_CFLAGS) -include rom/x86_64/hidden.h -c -o $@ $<

$(B)/obj/xenshim/%.o: %.S shim/shim.mk
	@mkdir -p $(@D)
	$(CC) $(RING0_CFLAGS) -c -o $@ $<

$(B)/shim/xenshim64.elf: $(RING0_OBJS) $(B)/obj/shim/link.ld
	@mkdir -p $(@D)
	$(LD) $(SHIM_LDFLAGS:entry_multiboot=entry_ring0) \
	    -T $(B)/obj/shim/link.ld -o $@ $(RING0_OBJS)

$(B)/obj/xenshim/image.bin: $(B)/shim/xenshim64.elf
	objcopy -O binary $< $@

# $(call XENSHIM_AT,SYMBOL): where one is in it, from SHIM_TEXT on.
XENSHIM_AT = 0x$$(nm $(B)/shim/xenshim64.elf | \
	sed -n 's/^ffff82d08\(.*\) . $(1)$$/\1/p')

$(B)/obj/xenshim/archive.o: shim/ring0/archive.S $(B)/obj/xenshim/image.bin
	@mkdir -p $(@D)
	$(CC) $(RING0_CFLAGS) -DXENSHIM_IMAGE='"$(B)/obj/xenshim/image.bin"' \
	    -DXENSHIM_MEMORY=$(call XENSHIM_AT,shim_end) \
	    -DXENSHIM_CALL=$(call XENSHIM_AT,hypercall_entry) -c -o $@ $<

$(B)/shim/libxenshim.a: $(B)/obj/xenshim/archive.o
	@rm -f $@
	$(AR) rcs $@ $<

-include $(RING0_OBJS:.o=.d) $(B)/obj/xenshim/archive.d
-include $(SHIM_OBJS:.o=.d)

# pvlab finds it beside itself.
$(LAB_LIBEXEC)/shim.elf: $(B)/shim/shim.elf
	@mkdir -p $(@D)
	cp $< $@

SHIM_ALL := $(B)/shim/shim.elf $(LAB_LIBEXEC)/shim.elf $(B)/shim/libxenshim.a

.PHONY: shim
shim: $(SHIM_ALL)
