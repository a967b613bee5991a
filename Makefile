# SPDX-License-Identifier: MIT
#
# make            build everything        make test     everything CI runs
# make run        the main job            make check    what needs no guest
# make fuzz       the parsers, fuzzed     make lint | format | install | clean
# make bench      the comparison of docs/results.md, counted again (half an hour)
# make verdicts   every guest on every platform (20 minutes)

B      ?= build
PREFIX ?= /usr/local

# make V=1 shows the commands.
ifndef V
.SILENT:
endif

# The same source gives the same bytes, in whatever folder it is built.
DEBUG_INFO := -g -ffile-prefix-map=$(CURDIR)=.

include lab/lab.mk
include src/src.mk
include src/install.mk
include rom/rom.mk
include kernel/kernel.mk
include shim/shim.mk
include tests/tests.mk
include lab/romprobe/romprobe.mk
include tests/user/user.mk
include tests/guest/clock/clock.mk
include tests/guest/xen-driver.mk
include tests/guest/hyperv-driver.mk

.DEFAULT_GOAL := all
.PHONY: all run test test-report test-smp test-user verdicts check fuzz lint format install clean
.PHONY: bench warnings deps test-deps fuzz-deps bench-deps
all: $(LAB_ALL) $(PVOPS_LIBS) $(ROM_ALL) $(LAB_ROMS) $(PVK_ALL) $(SHIM_ALL)
rom: $(LAB_ROMS)

# What the machine lacks is installed first; a complete machine is left alone.
deps:
	@tools/install-deps

test-deps:
	@tools/install-deps test

fuzz-deps:
	@tools/install-deps fuzz

bench-deps:
	@tools/install-deps bench

# The six platforms and their shapes: our kernel, then Debian's Linux.
RUN_ON := native,native~pc,xen_pv,xen_pvh,kvm,kvm~microvm,hyperv,hyperv~gen2,vmware

# A second make, so that pkg-config is asked only after deps has installed it;
# with a job a processor, unless -j was said.
AGAIN = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

run: deps
	@$(AGAIN) all >&2
	@$(B)/bin/pvlab matrix $(B)/kernel/x86_64/pvk.elf debian --on $(RUN_ON)

test: test-deps
	@$(AGAIN) all tests user lint
	@tests/run $(B)

# The published comparison, counted again: docs/bench.md.
bench: bench-deps
	@$(AGAIN) all benches >&2
	@mkdir -p docs/plots
	@$(B)/bin/pvlab bench --build $(B) --json docs/results.json \
	    --page docs/results.md --plots docs/plots $(BENCH_FLAGS)

# Every guest on every platform, in full; make test takes them in brief.
verdicts: test-deps
	@$(AGAIN) all tests
	@$(B)/tests/verdicts $(B)/tests/guest $(B)/tests/verdict-logs all
	@PVLAB=$(B)/bin/pvlab tests/linux/run all

# Both images of pvk on each hypervisor that lacks a feature: see tests/partial.
test-partial: test-deps
	@$(AGAIN) all guests
	@PVLAB=$(abspath $(B))/bin/pvlab tests/partial/run

# What pvk report says of every platform: see tests/report and docs/vendor.md.
test-report: test-deps
	@$(AGAIN) all
	@PVLAB=$(abspath $(B))/bin/pvlab tests/report/run

# pvk on 2, 4 and 8 CPUs of every platform, both images: see tests/smp.
test-smp: test-deps
	@$(AGAIN) all
	@PVLAB=$(abspath $(B))/bin/pvlab tests/smp/run

# Programs under pvk on every platform in full, and under Debian's Linux.
test-user: test-deps
	@$(MAKE) --no-print-directory all user $(B)/tests/bench/xensyms.elf
	@PVLAB=$(abspath $(B))/bin/pvlab tests/user/run

# The library under the flags of many embedders; make test takes some of them.
warnings: test-deps
	@tools/check-warnings $(B) whole

check: all unit-bins
	@tests/run $(B) check

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

lint:
	clang-format --dry-run -Werror $$(git ls-files '*.c' '*.h')
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
	    --enable=warning,portability --suppress=varFuncNullUB -Ilab lab
	shellcheck lab/fetch-debian tools/install-deps tools/check-* tests/run \
	    tests/unit/run tests/tools/run tests/install/run \
	    tests/fuzz/run tests/linux/run tests/gdb/run tests/pvk/run tests/rom/run tests/partial/run tests/smp/run tests/shim/run tests/shim/ring0/run tests/report/run tests/user/run tests/user/emulated \
	    docs/ci/run-pvlab .ci/run

install: all install-lib
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/pvlab
	install -m 755 $(B)/bin/pvlab $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(addprefix $(LAB_LIBEXEC)/,agent probe-init fetch-debian) \
	    $(DESTDIR)$(PREFIX)/libexec/pvlab/
	install -m 644 $(addprefix $(LAB_LIBEXEC)/,where.so outer.list \
	        romprobe-64.elf romprobe-32.elf shim.elf) $(LAB_ROMS) \
	    $(DESTDIR)$(PREFIX)/libexec/pvlab/
	install -d $(DESTDIR)$(PREFIX)/libexec/pvlab/bench
	install -m 644 $(LAB_BENCH) $(DESTDIR)$(PREFIX)/libexec/pvlab/bench/

clean:
	rm -rf $(B)
