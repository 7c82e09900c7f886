# Sourced by the scripts of this folder: where things are, and which packages they are made of.
# shellcheck shell=bash disable=SC2034

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Work files: several gigabytes, re-used from run to run, made anew when missing. Never inside the repository.
cache=${VITRINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vitrine}

# Debian's unstable has the newest Swift; the compiler, the emulators and what assembles images run in one root of it.
tools_suite=sid
tools_packages="swiftlang g++ libc6-dev git ca-certificates pkgconf device-tree-compiler qemu-system-arm ipxe-qemu
    libsqlite3-dev e2fsprogs kmod cpio xz-utils"
# What joins packages to a card image. Debian's stable, so that what writes users, units and file systems is as old as what
# reads them on the board.
assembly_suite=trixie
assembly_packages="genimage mtools dosfstools squashfs-tools bmap-tools device-tree-compiler kmod systemd e2fsprogs
    xz-utils zstd cpio binutils python3-minimal busybox-static"
# What the board runs, and the C side of what is compiled for it.
board_suite=trixie
board_architecture=arm64
sysroot_packages="libc6-dev libstdc++-14-dev libgcc-14-dev linux-libc-dev zlib1g-dev libavcodec-dev libavformat-dev
    libavutil-dev libswscale-dev libheif-dev libwebp-dev libjpeg-dev libpng-dev libfreetype-dev libharfbuzz-dev
    libqrencode-dev libseccomp-dev libsqlite3-dev libdrm-dev libgpiod-dev libi2c-dev libcurl4-openssl-dev libxml2-dev"

say() { echo "image: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# The mirror that this machine's own apt uses for what Debian labels so.
mirror() {
    apt-get indextargets --format '$(REPO_URI)|$(LABEL)' 'Identifier: Packages' |
        awk -F '|' -v label="$1" '$2 == label { print $1; exit }'
}

# sources SUITE: where its packages come from. Stable ones with their updates, which mend what became known since.
sources() {
    local debian security
    debian=$(mirror Debian)
    [ -n "$debian" ] || fail "apt knows no Debian mirror here: run apt-get update first"
    echo "deb $debian $1 main non-free-firmware"
    if [ "$1" = sid ]; then return; fi
    echo "deb $debian $1-updates main non-free-firmware"
    security=$(mirror Debian-Security)
    [ -n "$security" ] || fail "apt knows no mirror of Debian's security updates here"
    echo "deb $security $1-security main non-free-firmware"
}

# tree NAME SUITE PACKAGES OPTIONS…: a tree of packages in the cache, made once for each list of packages.
tree() {
    local name=$1 suite=$2 packages=$3 key from
    shift 3
    # shellcheck disable=SC2086 # the list is meant to be split
    packages=$(echo $packages | tr ' ' ',')
    key="$suite $packages $*"
    if [ -f "$cache/$name.key" ] && [ "$(cat "$cache/$name.key")" = "$key" ]; then return; fi
    command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing: apt-get install mmdebstrap uidmap"
    say "unpacking $name from Debian $suite"
    from=$(sources "$suite")
    remove "$cache/$name.part"
    mmdebstrap --quiet --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
        --extract-hook="$repository/image/record" --include="$packages" "$@" "$suite" "$cache/$name.part" - <<<"$from"
    rm -f "$cache/$name.key"
    remove "$cache/$name"
    mv "$cache/$name.part" "$cache/$name"
    echo "$key" >"$cache/$name.key"
}

# Trees made without root belong to subordinate users, and go the same way.
remove() {
    if [ "$(id -u)" -eq 0 ]; then rm -rf "$@"; else unshare --map-auto --map-root-user rm -rf "$@"; fi
}

tools_tree() {
    mkdir -p "$cache"
    tree tools "$tools_suite" "$tools_packages" --variant=apt
}

assembly_tree() {
    mkdir -p "$cache"
    tree assembly "$assembly_suite" "$assembly_packages" --variant=apt
}
