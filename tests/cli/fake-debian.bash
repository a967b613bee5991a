# SPDX-License-Identifier: MIT
# Debian's packages without a network: Xen comes from the caller's cache, by an
# apt-get that takes FAKE_DELAY seconds and writes down each download.

fake_debian() {
    mkdir fake
    export FAKE_XEN FAKE_LOG=$HERE/downloads FAKE_DELAY=${1:-0}
    FAKE_XEN=$(component xen)/xen.elf
    cat >fake/apt-cache <<'END'
#!/bin/sh
echo "  Depends: xen-hypervisor-4.17-amd64"
END
    cat >fake/apt-get <<'END'
#!/bin/sh
echo "$2" >>"$FAKE_LOG"
sleep "$FAKE_DELAY"
echo deb >"$2_4.17_amd64.deb"
END
    cat >fake/dpkg-deb <<'END'
#!/bin/sh
case $1 in
-x) mkdir -p "$3/boot" && gzip -1c "$FAKE_XEN" >"$3/boot/xen-4.17-amd64.gz" ;;
-W) echo "xen-hypervisor-4.17-amd64 4.17" ;;
esac
END
    chmod +x fake/*
    export PATH=$HERE/fake:$PATH PVLAB_CACHE=$HERE/cache
}

# An apt-get that fails, with these words.
broken_apt() {
    fake_debian
    printf '#!/bin/sh\necho "%s" >&2\nexit 100\n' "$1" >fake/apt-get
}
