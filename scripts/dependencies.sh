#!/bin/sh
# Installs the Debian packages that Vitrine needs, and nothing when they are all there.
#
#   scripts/dependencies.sh run     what it takes to build and run
#   scripts/dependencies.sh test    the same, and what the tests compare with
#   scripts/dependencies.sh bench   the same, and the peers of the benchmarks
#   scripts/dependencies.sh image  what the card image is made with; all else for it is in roots of its own
#
# Debian 13 has every library as it is. Debian 12 has all but libgpiod 2, which is in its backports. Without that library
# everything but GPIO (SPI panels, buttons) builds and works.
set -eu

run_packages="build-essential pkg-config git libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libheif-dev
    libwebp-dev libjpeg-dev libpng-dev libfreetype-dev libharfbuzz-dev libqrencode-dev libseccomp-dev libsqlite3-dev
    libdrm-dev libi2c-dev"
# Reference pictures, fixtures of every format, the browser, the system-call trace, the tus client's own environment.
test_packages="ffmpeg imagemagick libheif-examples webp libavif-bin curl strace chromium chromium-driver python3
    python3-venv zbar-tools"
bench_packages="mpv time"
image_packages="mmdebstrap uidmap git python3"

case "${1:-run}" in
run) wanted=$run_packages ;;
test) wanted="$run_packages $test_packages" ;;
bench) wanted="$run_packages $test_packages $bench_packages" ;;
image) wanted=$image_packages ;;
*)
    echo "usage: $0 run|test|bench|image" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "This is not Debian: install what corresponds to these packages yourself: $wanted" >&2
    exit 0
fi

# Debian 13 puts libheif's decoders into packages of their own.
# shellcheck source=/dev/null
if . /etc/os-release && [ "${1:-run}" != image ] && [ "${VERSION_ID:-0}" -ge 13 ] 2>/dev/null; then
    wanted="$wanted libheif-plugin-libde265 libheif-plugin-aomdec libheif-plugin-dav1d"
    case "${1:-run}" in
    test | bench) wanted="$wanted libheif-plugin-x265 libheif-plugin-aomenc" ;;
    esac
fi

missing=""
for package in $wanted; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
gpiod=$(dpkg-query -W -f '${Version}' libgpiod-dev 2>/dev/null || true)
case "$gpiod" in
[2-9]*) gpiod="" ;;
*) if [ "${1:-run}" = image ]; then gpiod=""; else gpiod=missing; fi ;;
esac

as_root=""
if [ -n "$missing$gpiod" ] && [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1; then
        as_root="sudo"
    elif [ -n "$missing" ]; then
        echo "These packages are missing, and there is no sudo here. As root: apt-get install$missing" >&2
        exit 1
    else
        echo "libgpiod 2 is not installed, and there is no sudo here: building without GPIO." >&2
        gpiod=""
    fi
fi

install() {
    # shellcheck disable=SC2086 # the list is meant to be split
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $1
}

if [ -n "$missing" ]; then
    echo "Installing:$missing"
    $as_root apt-get update -q
    install "$missing"
fi

if [ -n "$gpiod" ]; then
    backports=${VERSION_CODENAME:-bookworm}-backports
    if [ "${ID:-}" != debian ] || [ "${VERSION_ID:-0}" -ge 13 ] 2>/dev/null; then
        # Another system's package may be too old, which pkg-config tells the Makefile.
        $as_root apt-get update -q && install libgpiod-dev
    else
        list=/etc/apt/sources.list.d/vitrine-backports.list
        echo "libgpiod 2, for panels and buttons, is in this Debian's backports: $list"
        echo "deb http://deb.debian.org/debian $backports main" | $as_root tee "$list" >/dev/null
        $as_root apt-get update -q
        install "libgpiod-dev/$backports"
    fi || {
        echo "libgpiod 2 could not be installed: building without GPIO (SPI panels and buttons)." >&2
        # A source that does not answer would stop the next update.
        [ -z "${list:-}" ] || $as_root rm -f "$list"
    }
fi

if [ "${1:-run}" != image ] && ! command -v swift >/dev/null 2>&1; then
    echo "There is no Swift toolchain on PATH. Swift 6.2 or newer: https://www.swift.org/install/linux/" >&2
    exit 1
fi
