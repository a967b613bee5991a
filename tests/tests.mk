# SPDX-License-Identifier: MIT
#
# Unit tests (host programs, cmocka), guests, fuzz targets.
#
#   tests/unit/NAME_test.c   pvlab's, one program each; other files are helpers
#   tests/unit/pvops/        the library's, in both widths
#   tests/unit/pvk/          pvk's, in both widths
#   tests/unit/pvk_mm/       its address spaces, on a model of page tables
#   tests/unit/shim_emulate/ the shim's emulation, beside the real CPU
#   tests/unit/rom/          the i386 ROMs, under a model of original Linux
#   tests/unit/shim_image/   what the shim reads of kernels
#   tests/unit/shim_mm/      its rules for page tables, frames and places
#   tests/fuzz/NAME_fuzz.c   one libFuzzer target each
#   tests/fuzz/NAME_seeds.c  writes binary seeds for NAME into a folder
#   tests/fuzz/corpus/NAME/  seeds that are text

# What is tested: everything but the files that have a main().
TEST_SRCS    := $(sort $(shell grep -L '^int main\>' \
	$(LAB_SRCS) $(wildcard lab/agent/*.c)))
TEST_HELPERS := $(sort $(filter-out %_test.c,$(wildcard tests/unit/*.c)))

UNIT_SRCS    := $(sort $(wildcard tests/unit/*_test.c))
UNIT_BINS    := $(UNIT_SRCS:%.c=$(B)/%)
FUZZ_SRCS    := $(sort $(wildcard tests/fuzz/*_fuzz.c))
FUZZ_NAMES   := $(FUZZ_SRCS:tests/fuzz/%_fuzz.c=%)
FUZZ_BINS    := $(FUZZ_SRCS:%.c=$(B)/%)
SEED_SRCS    := $(sort $(wildcard tests/fuzz/*_seeds.c))
SEED_BINS    := $(SEED_SRCS:%.c=$(B)/%)

FUZZ_CC      ?= clang
FUZZ_RUNS    ?= 200000
# Each is a whole set-up.
FUZZ_ROM_RUNS ?= 20000
# Most bytes of an input: an ISO is known by what lies at 32 KiB.
FUZZ_MAX_LEN ?= 40000

# Any finding ends the program: a test must not pass with one.
SANITIZE     := -fno-sanitize-recover=all -fno-omit-frame-pointer
TEST_CFLAGS  := $(filter-out -O2,$(LAB_CFLAGS)) -O1 -Itests/unit $(SANITIZE)
UNIT_FLAVOUR := -fsanitize=address,undefined
FUZZ_FLAVOUR := -fsanitize=fuzzer-no-link,address,undefined

include tests/unit/pvops/pvops.mk
include tests/unit/pvk/pvk.mk
include tests/unit/pvk_mm/pvk_mm.mk
include tests/unit/rom/rom.mk
include tests/unit/shim_image/shim_image.mk
include tests/unit/shim_emulate/shim_emulate.mk
include tests/unit/shim_mm/shim_mm.mk

.PHONY: tests unit-bins unit-tests fuzz fuzz-run
tests: unit-bins guests benches $(B)/tests/verdicts $(B)/kernel/x86_64/pvk.iso \
	$(B)/kernel/x86_64-debug/pvk.elf shim-guests shim-programs
unit-bins: $(UNIT_BINS) $(PVUNIT_BINS) $(PVKUNIT_BINS) $(PVKMM_BINS) \
	$(ROMUNIT_BINS) $(SHIMIMAGE_BINS) $(EMUUNIT_BINS) $(SHIMMM_BINS)

# The parsers are compiled once for each flavour of sanitizers.
$(B)/obj/unit/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) $(UNIT_FLAVOUR) -c -o $@ $<

$(B)/obj/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(TEST_CFLAGS) $(FUZZ_FLAVOUR) -c -o $@ $<

UNIT_LIB     := $(B)/obj/unit/libpvlab.a
FUZZ_LIB     := $(B)/obj/fuzz/libpvlab.a
UNIT_OBJS    := $(patsubst %.c,$(B)/obj/unit/%.o,$(TEST_SRCS) $(TEST_HELPERS))
FUZZ_OBJS    := $(patsubst %.c,$(B)/obj/fuzz/%.o,$(TEST_SRCS))

$(B)/obj/fuzz/%.S.o: %.S
	@mkdir -p $(@D)
	$(FUZZ_CC) -Iinclude -Isrc -MMD -MP -c -o $@ $<

# What of the library is fuzzed, and the targets that need it.
FUZZ_PVOPS   := src/seal.c src/site_code.c src/x86/native_64.S
FUZZ_PVOPS_OBJS := $(patsubst %,$(B)/obj/fuzz/%.o,\
	$(patsubst %.c,%,$(FUZZ_PVOPS)))
$(B)/obj/fuzz/src/%.o $(B)/obj/fuzz/tests/fuzz/seal_fuzz.o \
    $(B)/obj/fuzz/tests/fuzz/acpi_fuzz.o $(B)/obj/unit/tests/fuzz/acpi_seeds.o: \
    TEST_CFLAGS := -Iinclude -Isrc $(TEST_CFLAGS)
$(B)/tests/fuzz/seal_fuzz: $(FUZZ_PVOPS_OBJS)
$(B)/tests/fuzz/acpi_fuzz: $(B)/obj/fuzz/src/acpi.o

# What pvk reads of its loaders.
FUZZ_BOOT_OBJS := $(PVK_BOOT_PARSERS:%.c=$(B)/obj/fuzz/%.o)
$(FUZZ_BOOT_OBJS) $(B)/obj/fuzz/tests/fuzz/boot_fuzz.o \
    $(B)/obj/unit/tests/fuzz/boot_seeds.o: TEST_CFLAGS := -Ikernel $(TEST_CFLAGS)
$(B)/tests/fuzz/boot_fuzz: $(FUZZ_BOOT_OBJS)

# What pvk reads of an initrd, and zlib beside it.
FUZZ_INITRD_OBJS := $(PVK_INITRD_PARSERS:%.c=$(B)/obj/fuzz/%.o)
$(FUZZ_INITRD_OBJS) $(B)/obj/fuzz/tests/fuzz/initrd_fuzz.o: \
    TEST_CFLAGS := -Ikernel -Iunpack $(TEST_CFLAGS)
$(B)/tests/fuzz/initrd_fuzz: $(FUZZ_INITRD_OBJS)
$(B)/tests/fuzz/initrd_fuzz $(B)/tests/fuzz/initrd_seeds: LAB_LDLIBS += -lz

# What the shim executes of its guest's instructions.
FUZZ_EMULATE_OBJS := $(EMULATE_SRCS:%.c=$(B)/obj/fuzz/%.o)
$(FUZZ_EMULATE_OBJS) $(B)/obj/fuzz/tests/fuzz/emulate_fuzz.o: \
    TEST_CFLAGS := -Ishim -Isrc $(TEST_CFLAGS)
$(B)/tests/fuzz/emulate_fuzz: $(FUZZ_EMULATE_OBJS)
-include $(FUZZ_EMULATE_OBJS:.o=.d) $(B)/obj/fuzz/tests/fuzz/emulate_fuzz.d

# What the shim reads of kernels, and how it unpacks them: liblzma beside it.
FUZZ_KERNEL_OBJS := $(SHIMIMAGE_SRCS:%.c=$(B)/obj/fuzz/%.o)
$(FUZZ_KERNEL_OBJS) $(B)/obj/fuzz/tests/fuzz/kernel_fuzz.o \
    $(B)/obj/fuzz/tests/unit/shim_image/xz_wrap.o \
    $(B)/obj/fuzz/tests/fuzz/unpack_fuzz.o \
    $(B)/obj/unit/tests/fuzz/kernel_seeds.o: \
    TEST_CFLAGS := -Ishim -Iunpack -Itests/unit/shim_image $(TEST_CFLAGS)
$(B)/tests/fuzz/kernel_fuzz $(B)/tests/fuzz/unpack_fuzz: $(FUZZ_KERNEL_OBJS)
$(B)/tests/fuzz/kernel_seeds: $(B)/obj/unit/tests/unit/shim_image/recipe.o \
    $(SHIMIMAGE_OBJS)
$(B)/tests/fuzz/unpack_fuzz: $(B)/obj/fuzz/tests/unit/shim_image/xz_wrap.o
$(B)/tests/fuzz/unpack_fuzz: LAB_LDLIBS += -llzma

# What GetRelocationInfo answers, of both ABIs: the library on the models of its
# unit tests.
FUZZ_ROM_CFLAGS := $(PVUNIT_CFLAGS) -fsanitize=fuzzer-no-link

# $(call FUZZ_ROM,WIDTH,NAME)
define FUZZ_ROM
$(B)/obj/fuzz-rom$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(FUZZ_CC) -m$(1) $$(FUZZ_ROM_CFLAGS) -c -o $$@ $$<

$(B)/obj/fuzz-rom$(1)/%.S.o: %.S
	@mkdir -p $$(@D)
	$$(FUZZ_CC) -m$(1) -Iinclude -Isrc -MMD -MP -c -o $$@ $$<

$(B)/obj/fuzz-rom$(1)/libpvops.a: $$(patsubst %,$(B)/obj/fuzz-rom$(1)/%.o,\
	    $$(basename $$(filter-out tests/unit/pvops/pvtest.c,\
	    $$(PVUNIT_LIBSRCS) $$(PVUNIT_HELPERS))) $$(PVUNIT_LIBASM))
	@rm -f $$@
	@$$(AR) rcs $$@ $$^

$(B)/tests/fuzz/$(2)_fuzz: \
	    $(B)/obj/fuzz-rom$(1)/tests/fuzz/relocation_fuzz.o \
	    $(B)/obj/fuzz-rom$(1)/libpvops.a
	@mkdir -p $$(@D)
	$$(FUZZ_CC) -m$(1) -no-pie -fsanitize=fuzzer,address,undefined -o $$@ $$^

-include $$(shell find $(B)/obj/fuzz-rom$(1) -name '*.d' 2>/dev/null)
endef
$(eval $(call FUZZ_ROM,64,relocation))
$(eval $(call FUZZ_ROM,32,relocation32))
FUZZ_BINS  += $(B)/tests/fuzz/relocation32_fuzz

$(UNIT_LIB): $(UNIT_OBJS)
	@rm -f $@
	@$(AR) rcs $@ $^

$(FUZZ_LIB): $(FUZZ_OBJS)
	@rm -f $@
	@$(AR) rcs $@ $^

$(B)/tests/unit/%_test: $(B)/obj/unit/tests/unit/%_test.o $(UNIT_LIB)
	@mkdir -p $(@D)
	$(CC) $(UNIT_FLAVOUR) -o $@ $^ $(LAB_LDLIBS) -lcmocka

# Runs ROMs, and compares them with the library's own bodies.
$(B)/tests/unit/rom64_test: $(B)/obj/lib-x86_64/src/x86/native_64.o \
    $(B)/obj/lib-x86_64/src/x86/xen_64.o | $(ROM64_ROMS)

$(B)/tests/fuzz/%_fuzz: $(B)/obj/fuzz/tests/fuzz/%_fuzz.o $(FUZZ_LIB)
	@mkdir -p $(@D)
	$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LAB_LDLIBS)

$(B)/tests/fuzz/%_seeds: $(B)/obj/unit/tests/fuzz/%_seeds.o $(UNIT_LIB)
	@mkdir -p $(@D)
	$(CC) $(UNIT_FLAVOUR) -o $@ $^ $(LAB_LDLIBS)

# Beside the unit tests' folder, so that it finds build/libexec as pvlab does.
$(B)/tests/verdicts: $(B)/obj/tests/verdicts/main.o $(B)/obj/lab/libpvlab.a
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LAB_LDLIBS)

$(B)/obj/tests/verdicts/%.o: tests/verdicts/%.c
	@mkdir -p $(@D)
	$(CC) $(LAB_CFLAGS) -c -o $@ $<

# A passing program's lines are counted; a failing one's are shown.
unit-tests: unit-bins
	@tests/unit/run $(UNIT_BINS) $(PVUNIT_BINS) $(PVKUNIT_BINS) \
	    $(PVKMM_BINS) $(ROMUNIT_BINS) $(SHIMIMAGE_BINS) $(EMUUNIT_BINS) $(SHIMMM_BINS)

fuzz: fuzz-deps
	@$(MAKE) --no-print-directory fuzz-run

fuzz-run: $(FUZZ_BINS) $(SEED_BINS)
	@tests/fuzz/run $(B) $(FUZZ_RUNS) $(FUZZ_MAX_LEN) \
	    $(filter-out relocation,$(FUZZ_NAMES))
	@tests/fuzz/run $(B) $(FUZZ_ROM_RUNS) 800 relocation relocation32

# Objects of the tests themselves are kept as well.
.SECONDARY: $(UNIT_SRCS:%.c=$(B)/obj/unit/%.o) \
	$(FUZZ_SRCS:%.c=$(B)/obj/fuzz/%.o) $(SEED_SRCS:%.c=$(B)/obj/unit/%.o)

-include $(UNIT_OBJS:.o=.d) $(FUZZ_OBJS:.o=.d)
-include $(wildcard $(B)/obj/unit/tests/*/*.d $(B)/obj/fuzz/tests/*/*.d)

include tests/guest/guest.mk
include tests/shim/ring0/ring0.mk
include tests/shim/shim.mk
include tests/bench/bench.mk
