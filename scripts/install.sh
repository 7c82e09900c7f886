#!/bin/sh
# Installs Vitrine on a system that is there already: Raspberry Pi OS or Debian, 12 or newer. Asks nothing; running it
# again brings everything up to date; `uninstall.sh` undoes it.
#
#   scripts/install.sh [--from FOLDER]    FOLDER holds the two programs; by default .build/release, or this script's own
set -eu

state=/var/lib/vitrine-install  # what was made here, for uninstall.sh
data=/var/lib/vitrine
here=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$here")

say() { echo "vitrine: $*"; }

fail() {
    echo "vitrine: $*" >&2
    exit 1
}

from=""
while [ $# -gt 0 ]; do
    case $1 in
    --from)
        [ $# -ge 2 ] || fail "--from takes the folder with the two programs"
        from=$2
        shift
        ;;
    --from=*) from=${1#--from=} ;;
    -h | --help)
        sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *)
        echo "usage: $0 [--from FOLDER]" >&2
        exit 2
        ;;
    esac
    shift
done

if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || fail "this changes the system: run it as root"
    exec sudo sh "$here/install.sh" ${from:+--from "$from"}
fi

# Everything is looked at before anything is changed.

[ -r /etc/os-release ] || fail "this is no Debian: there is no /etc/os-release"
# shellcheck source=/dev/null
. /etc/os-release
case " ${ID:-} ${ID_LIKE:-} " in
*" debian "*) ;;
*) fail "this is ${PRETTY_NAME:-another system}; Debian and Raspberry Pi OS are supported" ;;
esac
[ "${VERSION_ID:-99}" -ge 12 ] 2>/dev/null || fail "${PRETTY_NAME:-this system} is too old: Debian 12 is the oldest supported"
command -v systemctl >/dev/null 2>&1 || fail "systemd is not what starts things here"

for folder in "$from" "$here" "$repository" "$repository/.build/release"; do
    [ -n "$folder" ] || continue
    if [ -x "$folder/vitrine" ] && [ -x "$folder/vitrine-decoder" ]; then
        programs=$folder
        break
    fi
    [ "$folder" != "$from" ] || fail "$from does not hold vitrine and vitrine-decoder"
done
[ -n "${programs:-}" ] || fail "there are no programs to install: run 'make build' first, or name their folder with --from"

units=$repository/systemd
[ -f "$units/vitrine.service" ] || units=$here/systemd
[ -f "$units/vitrine.service" ] || fail "the folder systemd/ is missing beside $repository"

# Bytes 18 and 19 of an ELF file: which machine it is for.
machine() { od -An -tu2 -j18 -N2 "$1" | tr -d ' '; }
[ "$(machine "$programs/vitrine")" = "$(machine /bin/sh)" ] || fail "$programs/vitrine is for another kind of processor"

# Libraries. Debian names a package after its library's soname; the exceptions are these.
package_of() {
    case $1 in
    libjpeg.so.62) echo libjpeg62-turbo ;;
    libstdc++.so.6) echo libstdc++6 ;;
    libgcc_s.so.1) echo libgcc-s1 ;;
    libz.so.1) echo zlib1g ;;
    libpng16.so.16) apt-cache show libpng16-16t64 >/dev/null 2>&1 && echo libpng16-16t64 || echo libpng16-16 ;;
    libharfbuzz.so.0) echo libharfbuzz0b ;;
    *.so.*)
        name=${1%%.so.*}
        version=${1##*.so.}
        # A number at the name's end keeps its distance from the version: libsqlite3-0.
        case $name in *[0-9]) echo "$name-$version" ;; *) echo "$name$version" ;; esac
        ;;
    *) echo "$1" ;;
    esac
}

missing_libraries() {
    for program in vitrine vitrine-decoder; do
        ldd "$programs/$program" 2>/dev/null | awk '/=> not found/ { print $1 }'
    done | sort -u
}

wanted=""
for library in $(missing_libraries); do wanted="$wanted $(package_of "$library")"; done
# libheif loads what decodes HEIC and AVIF by itself; Debian 12 has that in the library.
if [ "${VERSION_ID:-99}" -ge 13 ] 2>/dev/null; then
    for package in libheif-plugin-libde265 libheif-plugin-aomdec libheif-plugin-dav1d; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || wanted="$wanted $package"
    done
fi
if [ -n "$wanted" ]; then
    say "installing$wanted"
    apt-get update -q
    # shellcheck disable=SC2086 # the list is meant to be split
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $wanted ||
        fail "libraries are missing ($wanted): the programs in $programs were made for another release of Debian"
fi
missing=$(missing_libraries)
[ -z "$missing" ] ||
    fail "the programs in $programs were made for another release of Debian: it lacks $(echo "$missing" | tr '\n' ' ')"

# From here on the system is changed. Each file is put beside its place and renamed into it.

mkdir -p "$state"
touch "$state/files" "$state/groups"

# install_file MODE SOURCE DESTINATION
install_file() {
    mkdir -p "$(dirname "$3")"
    install -m "$1" "$2" "$3.new"
    mv -f "$3.new" "$3"
    grep -qxF "$3" "$state/files" || echo "$3" >>"$state/files"
}

install_file 755 "$programs/vitrine" /usr/bin/vitrine
install_file 755 "$programs/vitrine-decoder" /usr/bin/vitrine-decoder
install_file 644 "$units/vitrine.service" /usr/lib/systemd/system/vitrine.service
install_file 644 "$units/vitrine.sysusers" /usr/lib/sysusers.d/vitrine.conf
install_file 644 "$units/60-vitrine.rules" /usr/lib/udev/rules.d/60-vitrine.rules
install_file 755 "$here/uninstall.sh" /usr/lib/vitrine/uninstall.sh
[ ! -f "$repository/LICENSE" ] || install_file 644 "$repository/LICENSE" /usr/share/doc/vitrine/copyright

# Groups that were here before stay when Vitrine goes.
for group in spi gpio i2c; do
    getent group "$group" >/dev/null || grep -qxF "$group" "$state/groups" || echo "$group" >>"$state/groups"
done
systemd-sysusers vitrine.conf

if [ ! -e /etc/vitrine/config.toml ]; then
    mkdir -p /etc/vitrine/conf.d
    cat >/etc/vitrine/config.toml.new <<END
# Made by install.sh, and never touched by it again. All keys: docs/configuration.md, or \`vitrine config show\`.
# What the web page sets is in $data/config.toml, and wins.
version = 1

[web]
# Every network of this machine; a device gets in with the PIN on the screen.
address = "0.0.0.0"
port = 8080
END
    # A link to the one of several that was chosen.
    if [ -h /etc/systemd/system/display-manager.service ] &&
        [ "$(systemctl get-default 2>/dev/null || true)" = graphical.target ]; then
        cat >>/etc/vitrine/config.toml.new <<END

[display]
# A desktop has the screen of this machine, and two cannot. To give it to Vitrine: remove this line, then
# \`systemctl set-default multi-user.target\`, and restart the machine.
order = ["spi", "headless"]
END
        say "a desktop has this machine's screen: Vitrine leaves it alone (/etc/vitrine/config.toml says how to change that)"
    fi
    mv -f /etc/vitrine/config.toml.new /etc/vitrine/config.toml
    sha256sum /etc/vitrine/config.toml >"$state/config"
fi

systemctl enable --quiet vitrine.service
# In a chroot there is nothing to start.
if [ ! -d /run/systemd/system ]; then
    say "installed; it starts with the system"
    exit 0
fi
udevadm control --reload
udevadm trigger --action=change --subsystem-match=spidev --subsystem-match=gpio --subsystem-match=i2c-dev \
    --subsystem-match=pwm
udevadm trigger --action=add --subsystem-match=backlight --subsystem-match=leds
systemctl daemon-reload
# Returns once it is ready, or has failed.
if ! systemctl restart vitrine.service; then
    journalctl -u vitrine.service -n 20 --no-pager >&2
    fail "installed, but it does not start; its last words are above"
fi
say "running. Its page is at http://$(hostname).local:8080, if /etc/vitrine/config.toml says nothing else"
say "any time: vitrine status, vitrine doctor, vitrine pin (as root)"
