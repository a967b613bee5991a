# SPDX-License-Identifier: MIT
#
# Unit tests (host programs, cmocka), guests, fuzz targets.

UNIT_SRCS := $(sort $(wildcard tests/unit/*_test.c))
UNIT_BINS := $(UNIT_SRCS:tests/unit/%.c=$(B)/tests/unit/%)

FUZZ_SRCS := $(sort $(wildcard tests/fuzz/*_fuzz.c))
FUZZ_BINS := $(FUZZ_SRCS:tests/fuzz/%.c=$(B)/tests/fuzz/%)
FUZZ_RUNS ?= 200000

.PHONY: tests unit-tests fuzz
tests: unit-tests guests
unit-tests: $(UNIT_BINS)

# The parsers under test are compiled anew with the sanitizers.
$(B)/tests/unit/%: tests/unit/%.c $(LAB_SRCS)
	@mkdir -p $(@D)
	$(CC) $(filter-out -O2 -MMD -MP,$(LAB_CFLAGS)) -O1 \
	    -fsanitize=address,undefined -fno-sanitize-recover=all \
	    -o $@ $< $(filter-out lab/pvlab.c,$(LAB_SRCS)) \
	    $(LAB_LDLIBS) -lcmocka

$(B)/tests/fuzz/%: tests/fuzz/%.c $(LAB_SRCS)
	@mkdir -p $(@D)
	clang $(filter-out -O2 -MMD -MP,$(LAB_CFLAGS)) -O1 \
	    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	    -o $@ $< $(filter-out lab/pvlab.c,$(LAB_SRCS)) $(LAB_LDLIBS)

fuzz: $(FUZZ_BINS)
	@for f in $(FUZZ_BINS); do \
	    echo "$$f: $(FUZZ_RUNS) runs"; \
	    $$f -runs=$(FUZZ_RUNS) -seed=1 -print_final_stats=1 \
	        tests/fuzz/corpus/$$(basename $$f _fuzz) 2>$$f.log || \
	        { tail -40 $$f.log; exit 1; }; \
	    grep -E 'number_of_executed_units|slowest' $$f.log; \
	done

include tests/guest/guest.mk
