# SPDX-License-Identifier: MIT
#
# make install-lib: the library for kernels outside this tree, below
# $(DESTDIR)$(PREFIX).
#
#   include/pvops        the public headers
#   lib                  libpvops-ARCH.a, and .o, where only pvops_* is global
#   lib/pkgconfig        libpvops-ARCH.pc; tier clock needs none of its own, it
#                        is one member of the archive that drags in no other
#   share/libpvops       the sources and their lists, for a kernel that compiles
#                        the library itself (pvops.mk, pvops.cmake, Meson)

PVOPS_INSTALLED := $(DESTDIR)$(PREFIX)
PVOPS_SHARED := $(sort pvops.mk pvops.cmake meson.build VERSION LICENSE \
	$(shell find include src -name '*.[chS]' -o -name '*.def'))

# A call at a site pushes its return address, so code that is built for the
# archive has no red zone; i386 has none anyway.
PVOPS_PC_x86_64 := -mno-red-zone
PVOPS_PC_x86_64-high := -mno-red-zone -mcmodel=kernel
PVOPS_PC_i386 :=
PVOPS_WHAT_x86_64 := x86-64
PVOPS_WHAT_x86_64-high := x86-64 in the highest 2 GiB
PVOPS_WHAT_i386 := i386

.PHONY: install-lib
install-lib: $(PVOPS_LIBS)
	$(if $(filter /%,$(PREFIX)),,$(error PREFIX is "$(PREFIX)": give an \
	    absolute path; DESTDIR is what goes in front of it))
	install -d $(PVOPS_INSTALLED)/include/pvops \
	    $(PVOPS_INSTALLED)/lib/pkgconfig $(PVOPS_INSTALLED)/share/libpvops
	install -m 644 include/pvops/*.h $(PVOPS_INSTALLED)/include/pvops/
	install -m 644 $(PVOPS_LIBS) $(PVOPS_INSTALLED)/lib/
	$(foreach arch,$(PVOPS_LIB_ARCHS),sed -e 's,@PREFIX@,$(PREFIX),' \
	    -e 's,@ARCH@,$(arch),' -e 's,@WHAT@,$(PVOPS_WHAT_$(arch)),' \
	    -e 's,@CFLAGS@,$(PVOPS_PC_$(arch)),' -e 's, *$$,,' \
	    -e "s,@VERSION@,$$(cat VERSION)," src/libpvops.pc.in \
	    >$(PVOPS_INSTALLED)/lib/pkgconfig/libpvops-$(arch).pc && \
	    chmod 644 $(PVOPS_INSTALLED)/lib/pkgconfig/libpvops-$(arch).pc &&) :
	for file in $(PVOPS_SHARED); do \
	    install -D -m 644 $$file $(PVOPS_INSTALLED)/share/libpvops/$$file \
	        || exit 1; \
	done
