# SPDX-License-Identifier: MIT
#
# ROMs of the 64-bit profile (docs/rom.md): libpvops with one backend, at any
# address, as a flat image.
#
#   rom/x86_64/NAME.def   what NAME.rom is: its description
#
# A backend that is not the library's own: rom/x86_64/NAME.c.

ROM64_NAMES := $(filter vmi64-%,$(basename $(notdir \
	$(wildcard rom/x86_64/*.def))))
ROM64_ROMS  := $(ROM64_NAMES:%=$(B)/rom/%.rom)

# As the library is compiled for kernels, but for what makes it run anywhere.
ROM64_CFLAGS := $(filter-out -fno-pic,$(PVOPS_CFLAGS)) -m64 -fpie \
	-fvisibility=hidden -mcmodel=small -I. -Iinclude -Isrc \
	-DPVOPS_CONFIG_HEADER='"rom/x86_64/config.h"'
ROM64_HIDDEN := -include rom/x86_64/hidden.h
ROM64_LDFLAGS := -m elf_x86_64 -pie --no-dynamic-linker -z text \
	-z pack-relative-relocs -z noexecstack --no-warn-rwx-segments \
	--gc-sections --build-id=none -T rom/x86_64/rom.lds

# The library, and what is the same in each ROM.
ROM64_SRCS := $(patsubst ./%,%,$(PVOPS_FULL_SRCS) $(PVOPS_FULL_SRCS_x86_64)) \
	$(addprefix rom/x86_64/,init.c life.c relocation.c host.c mem.S)
ROM64_OBJS := $(patsubst %,$(B)/obj/rom64/%.o,$(basename $(ROM64_SRCS)))

$(B)/obj/rom64/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ROM64_CFLAGS) $(ROM64_HIDDEN) -c -o $@ $<

$(B)/obj/rom64/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(ROM64_CFLAGS) -c -o $@ $<

# $(call ROM64_RULES,NAME)
define ROM64_RULES
ROM64_OBJS_$(1) := $(B)/obj/rom64/$(1)/header.o \
	$(B)/obj/rom64/$(1)/description.o \
	$(patsubst %.c,$(B)/obj/rom64/%.o,$(wildcard rom/x86_64/$(1).c))

$(B)/obj/rom64/$(1)/header.o: rom/x86_64/header.S rom/x86_64/$(1).def
	@mkdir -p $$(@D)
	$$(CC) $$(ROM64_CFLAGS) -DROM_DESCRIPTION='"rom/x86_64/$(1).def"' -c -o $$@ $$<

$(B)/obj/rom64/$(1)/description.o: rom/x86_64/description.c rom/x86_64/$(1).def
	@mkdir -p $$(@D)
	$$(CC) $$(ROM64_CFLAGS) $$(ROM64_HIDDEN) \
	    -DROM_DESCRIPTION='"rom/x86_64/$(1).def"' -c -o $$@ $$<

$(B)/obj/rom64/$(1).elf: $$(ROM64_OBJS_$(1)) $$(ROM64_OBJS) rom/x86_64/rom.lds
	$$(LD) $$(ROM64_LDFLAGS) -o $$@ --defsym=pvi_backend_rom=pvi_backend_$$(shell \
	    sed -n 's/^#define ROM_BACKEND *//p' rom/x86_64/$(1).def) $$(filter %.o,$$^)

$(B)/obj/rom64/$(1).bin: $(B)/obj/rom64/$(1).elf
	objcopy -O binary $$< $$@

-include $$(ROM64_OBJS_$(1):.o=.d)
endef
$(foreach name,$(ROM64_NAMES),$(eval $(call ROM64_RULES,$(name))))

$(B)/rom/vmi64-%.rom: $(B)/obj/rom64/vmi64-%.bin $(B)/bin/mkrom
	@mkdir -p $(@D)
	$(B)/bin/mkrom $< $@

-include $(ROM64_OBJS:.o=.d)
