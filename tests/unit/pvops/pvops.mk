# SPDX-License-Identifier: MIT
#
# The library's unit tests, in both widths: NAME_test.c here is two programs,
# build/tests/unit/pvops/{64,32}/NAME_test, under ASan and UBSan.
#
# The library is compiled against the model CPU: <x86/insn.h> is found in
# tests/unit/fake first. Other *.c here and in tests/unit/fake are helpers.
# debug_NAME_test.c has the library of a build with PVOPS_DEBUG_MMU. What a PV
# domain alone has is of 64 bits; xen_pv_test sees one of 32 refused. vmi32_ is
# VMI 3.0, which is of 32 bits, vmi64_ its profile of 64.

PVUNIT_SRCS    := $(sort $(wildcard tests/unit/pvops/*_test.c))
PVUNIT_HELPERS := $(sort $(filter-out %_test.c,$(wildcard \
	tests/unit/pvops/*.c tests/unit/fake/*.c)))
PVUNIT_LIBSRCS := $(sort $(wildcard src/*.c src/backend/*.c))
PVUNIT_LIBASM  := $(sort $(wildcard src/x86/*.S))
PVUNIT_NAMES   := $(patsubst tests/unit/pvops/%.c,%,$(PVUNIT_SRCS))
PVUNIT_64      := $(filter-out vmi32_%,$(PVUNIT_NAMES))
PVUNIT_32      := $(filter-out xen_pv_% vmi64_%,$(PVUNIT_NAMES)) xen_pv_test
PVUNIT_BINS    := $(foreach w,64 32,\
	$(PVUNIT_$(w):%=$(B)/tests/unit/pvops/$(w)/%))

PVUNIT_CFLAGS  := -std=gnu11 -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Itests/unit/fake -Itests/unit/pvops -Iinclude -Isrc -MMD -MP \
	-DPVI_LOCK_SPINS=16

PVUNIT_DEBUG   := -DPVOPS_DEBUG_MMU=1

# $(call PVUNIT_BUILD,NAME,WIDTH,TESTS,FLAGS): one library, one set of helpers
# and one set of programs.
define PVUNIT_BUILD
$(B)/obj/unit$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) -m$(2) $$(PVUNIT_CFLAGS) $(4) -c -o $$@ $$<

$(B)/obj/unit$(1)/%.S.o: %.S
	@mkdir -p $$(@D)
	$$(CC) -m$(2) $(4) -Iinclude -Isrc -MMD -MP -c -o $$@ $$<

$(B)/obj/unit$(1)/libpvops.a: \
	    $$(patsubst %.c,$(B)/obj/unit$(1)/%.o,$$(PVUNIT_LIBSRCS) \
	    $$(PVUNIT_HELPERS)) \
	    $$(patsubst %.S,$(B)/obj/unit$(1)/%.S.o,$$(PVUNIT_LIBASM))
	@rm -f $$@
	@$$(AR) rcs $$@ $$^

$(patsubst %,$(B)/tests/unit/pvops/$(2)/%,$(3)): \
	    $(B)/tests/unit/pvops/$(2)/%: $(B)/obj/unit$(1)/tests/unit/pvops/%.o \
	    $(B)/obj/unit$(1)/libpvops.a
	@mkdir -p $$(@D)
	$$(CC) -m$(2) -no-pie -fsanitize=address,undefined -o $$@ $$^

-include $$(shell find $(B)/obj/unit$(1) -name '*.d' 2>/dev/null)
endef
$(foreach w,64 32,\
	$(eval $(call PVUNIT_BUILD,$(w),$(w),$(filter-out debug_%,$(PVUNIT_$(w))),))\
	$(eval $(call PVUNIT_BUILD,$(w)-debug,$(w),$(filter debug_%,$(PVUNIT_$(w))),$(PVUNIT_DEBUG))))
