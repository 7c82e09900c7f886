#!/bin/sh
# Installs the Debian packages that Vitrine needs, and nothing when they are all there.
#
#   scripts/dependencies.sh run     what it takes to build and run
#   scripts/dependencies.sh test    the same, and what the tests compare with
#   scripts/dependencies.sh bench   the same, and the peers of the benchmarks
#
# Debian 13 has every library as it is. So has Debian 12: what needs backports there (libgpiod 2) is not needed yet.
set -eu

run_packages="build-essential pkg-config git libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libheif-dev
    libwebp-dev libjpeg-dev libpng-dev libfreetype-dev libharfbuzz-dev libqrencode-dev libseccomp-dev libsqlite3-dev
    libdrm-dev"
# Reference pictures, fixtures of every format, the browser, the system-call trace, the tus client's own environment.
test_packages="ffmpeg imagemagick libheif-examples webp libavif-bin curl strace chromium chromium-driver python3
    python3-venv zbar-tools"
bench_packages="mpv time"

case "${1:-run}" in
run) wanted=$run_packages ;;
test) wanted="$run_packages $test_packages" ;;
bench) wanted="$run_packages $test_packages $bench_packages" ;;
*)
    echo "usage: $0 run|test|bench" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "This is not Debian: install what corresponds to these packages yourself: $wanted" >&2
    exit 0
fi

# Debian 13 puts libheif's decoders into packages of their own.
# shellcheck source=/dev/null
if . /etc/os-release && [ "${VERSION_ID:-0}" -ge 13 ] 2>/dev/null; then
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

if [ -n "$missing" ]; then
    echo "Installing:$missing"
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "These packages are missing, and there is no sudo here. As root: apt-get install$missing" >&2
            exit 1
        fi
        as_root="sudo"
    fi
    # shellcheck disable=SC2086 # the list is meant to be split
    {
        $as_root apt-get update -q
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
    }
fi

if ! command -v swift >/dev/null 2>&1; then
    echo "There is no Swift toolchain on PATH. Swift 6.2 or newer: https://www.swift.org/install/linux/" >&2
    exit 1
fi
