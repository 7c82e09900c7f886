#!/bin/sh
# Takes away what install.sh put there. The library of pictures and films, its settings and its user stay, so that a
# later installation goes on with them.
#
#   uninstall.sh            keeps /var/lib/vitrine
#   uninstall.sh --purge    deletes it, for ever, and everything else of Vitrine's
set -eu

state=/var/lib/vitrine-install
data=/var/lib/vitrine

say() { echo "vitrine: $*"; }

purge=no
case ${1:-} in
"") ;;
--purge) purge=yes ;;
-h | --help)
    sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
*)
    echo "usage: $0 [--purge]" >&2
    exit 2
    ;;
esac

if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "vitrine: this changes the system: run it as root" >&2
        exit 1
    fi
    exec sudo sh "$0" "$@"
fi

is_running() { [ -d /run/systemd/system ]; }

if [ -e /usr/lib/systemd/system/vitrine.service ]; then
    ! is_running || systemctl stop vitrine.service
    systemctl disable --quiet vitrine.service
fi

# Only what install.sh noted, and the folders that are empty after that. Its list goes last: a run that is cut off can be
# run again.
if [ -f "$state/files" ]; then
    while read -r file; do
        rm -f "$file" "$file.new"
        case $file in
        /usr/lib/vitrine/* | /usr/share/doc/vitrine/*) rmdir --ignore-fail-on-non-empty "$(dirname "$file")" 2>/dev/null || true ;;
        esac
    done <"$state/files"
fi

# Settings that nobody changed are not worth keeping.
if [ "$purge" = yes ] || { [ -f "$state/config" ] && sha256sum --check --status "$state/config" 2>/dev/null; }; then
    rm -f /etc/vitrine/config.toml
fi
if [ "$purge" = yes ]; then rm -rf /etc/vitrine "$data"; fi
for folder in /etc/vitrine/conf.d /etc/vitrine; do
    rmdir --ignore-fail-on-non-empty "$folder" 2>/dev/null || true
done

remove_group() {
    # Somebody may have joined it meanwhile.
    entry=$(getent group "$1" || true)
    if [ -n "$entry" ] && [ -z "${entry##*:}" ]; then groupdel "$1"; fi
}

# As long as there is a library, its files have an owner.
if [ ! -e "$data" ]; then
    if getent passwd vitrine >/dev/null; then userdel vitrine; fi
    if getent group vitrine >/dev/null; then groupdel vitrine; fi
    if [ -f "$state/groups" ]; then
        while read -r group; do remove_group "$group"; done <"$state/groups"
    fi
    rm -rf "$state"
else
    rm -f "$state/files" "$state/config"
fi

if is_running; then
    systemctl daemon-reload
    udevadm control --reload
fi
if [ -e "$data" ]; then
    say "removed; the library is still in $data, and deleted by: rm -r $data"
else
    say "removed, without a trace"
fi
