# SPDX-License-Identifier: MIT
#
# ROMs of VMI 3.0. One is NAME.def, its description, and ROM32_NAME, the sources
# of what it calls; header.c and calls.S make the rest from NAME.def.

ROM32_NAMES := vmi-native vmi-native-timer vmi-kvm

ROM32_vmi-native := $(addprefix rom/i386/,native.S reboot.c)
# A clock and alarms, on one of clock_*.c.
ROM32_TIMER := $(addprefix rom/i386/,post.S state.c time.c alarm.c apic.c) \
	src/clock.c
ROM32_vmi-native-timer := $(ROM32_vmi-native) $(ROM32_TIMER) \
	rom/i386/clock_tsc.c src/cmos.c
ROM32_vmi-kvm := $(ROM32_vmi-native) $(ROM32_TIMER) rom/i386/clock_kvm.c

# C as the calls' convention is, and without anything that needs a loader.
ROM32_CFLAGS := -m32 -march=i686 -mregparm=3 -fPIC -fvisibility=hidden \
	-include rom/x86_64/hidden.h -Irom/i386 \
	$(filter-out -fno-pic -g,$(PVOPS_CFLAGS)) $(PVOPS_INCS:%=-I%)
ROM32_OBJ := $(B)/obj/rom-i386

$(ROM32_OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ROM32_CFLAGS) -c -o $@ $<

$(ROM32_OBJ)/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(ROM32_CFLAGS) -c -o $@ $<

# What is done all the time: reading the clock, setting alarms.
$(addprefix $(ROM32_OBJ)/rom/i386/,time.o clock_tsc.o clock_kvm.o alarm.o): \
    ROM32_CFLAGS := $(ROM32_CFLAGS) -O2 -fomit-frame-pointer

# $(call ROM32_RULES,NAME)
define ROM32_RULES
$(ROM32_OBJ)/$(1)/%.o: rom/i386/%.c
	@mkdir -p $$(@D)
	$$(CC) $$(ROM32_CFLAGS) -DROM_DEF='"$(1).def"' -c -o $$@ $$<

$(ROM32_OBJ)/$(1)/%.o: rom/i386/%.S
	@mkdir -p $$(@D)
	$$(CC) $$(ROM32_CFLAGS) -DROM_DEF='"$(1).def"' -c -o $$@ $$<

$(ROM32_OBJ)/$(1).elf: rom/i386/rom.ld $(ROM32_OBJ)/$(1)/header.o \
		$(ROM32_OBJ)/$(1)/calls.o \
		$$(patsubst %,$(ROM32_OBJ)/%.o,$$(basename $$(ROM32_$(1))))
	@mkdir -p $$(@D)
	$$(LD) -m elf_i386 -static --gc-sections --build-id=none -z noexecstack \
	    --no-warn-rwx-segments -T $$< -o $$@ $$(filter %.o,$$^)

$(B)/rom/$(1).rom: $(ROM32_OBJ)/$(1).elf $(B)/bin/mkrom
	@mkdir -p $$(@D)
	objcopy -O binary -j .image $$< $$(<:.elf=.bin)
	$(B)/bin/mkrom $$(<:.elf=.bin) $$@

-include $(ROM32_OBJ)/$(1)/header.d $(ROM32_OBJ)/$(1)/calls.d
-include $$(patsubst %,$(ROM32_OBJ)/%.d,$$(basename $$(ROM32_$(1))))
endef
$(foreach rom,$(ROM32_NAMES),$(eval $(call ROM32_RULES,$(rom))))

ROM32_ROMS := $(ROM32_NAMES:%=$(B)/rom/%.rom)
