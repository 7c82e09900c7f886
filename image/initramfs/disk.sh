# Sourced by init: the card, its partition table, and numbers on it. Sectors are of 512 bytes.
# shellcheck shell=dash disable=SC2034,SC2154

# Sets wanted_signature, wanted_partition, stop and shell.
read_command_line() {
    wanted_signature=none
    wanted_partition=2
    stop=
    shell=
    # shellcheck disable=SC2013 # words are what is wanted
    for word in $(cat /proc/cmdline); do
        case $word in
        root=PARTUUID=*-*)
            word=${word#root=PARTUUID=}
            wanted_signature=$(echo "${word%-*}" | tr A-F a-f)
            # Written with two digits, in hexadecimal.
            case ${word##*-} in 03) wanted_partition=3 ;; esac
            ;;
        vitrine.stop=*) stop=${word#vitrine.stop=} ;;
        vitrine.shell=*) shell=${word#vitrine.shell=} ;;
        esac
    done
}

# number FILE OFFSET: the 32-bit number there, least significant byte first.
number() {
    # shellcheck disable=SC2046,SC2005 # the blanks around it go
    echo $(od -An -v -tu4 -j "$2" -N 4 "$1" 2>/dev/null)
}

signature() {
    # shellcheck disable=SC2046,SC2005
    echo $(od -An -v -tx4 -j 440 -N 4 "$1" 2>/dev/null)
}

partition_device() {
    case $disk in
    *[0-9]) echo "/dev/${disk}p$1" ;;
    *) echo "/dev/$disk$1" ;;
    esac
}

# seconds: whole ones since the kernel's start.
seconds() {
    read -r now _ </proc/uptime
    echo "${now%%.*}"
}

await_block() {
    until=$(($(seconds) + $2))
    while [ ! -b "$1" ]; do
        [ "$(seconds)" -lt $until ] || return 1
        usleep 20000
    done
}

# find_disk SECONDS: sets disk to the name of the one with our signature; when none comes in time, to one that looks
# like a card of ours, since a signature may have been changed by a tool that copied the card.
find_disk() {
    until=$(($(seconds) + $1))
    while [ "$(seconds)" -lt $until ]; do
        for disk in $(disks); do
            if [ "$(signature "/dev/$disk")" = "$wanted_signature" ]; then return 0; fi
        done
        usleep 20000
    done
    for disk in $(disks); do
        # "hsqs": how a squashfs begins.
        if [ "$(number "$(partition_device 2)" 0)" = 1936814952 ]; then
            say "no disk has the signature $wanted_signature: took $disk"
            return 0
        fi
    done
    return 1
}

disks() {
    for folder in /sys/block/mmcblk* /sys/block/vd* /sys/block/sd* /sys/block/nvme*; do
        if [ -e "$folder/device" ] && [ -b "/dev/${folder##*/}" ]; then echo "${folder##*/}"; fi
    done
}

# Makes the entry of the last partition reach to the card's end: one sector, written at once. Before anything of the
# card is mounted, for the kernel reads the table anew only then. Does nothing when 64 MiB or less would be gained.
grow_entry() {
    [ "$(cat "/sys/block/$disk/ro")" = 0 ] || return 0
    table=/run/table
    dd if="/dev/$disk" of=$table bs=512 count=1 2>/dev/null
    [ "$(od -An -v -tx1 -j 510 -N 2 $table)" = " 55 aa" ] || return 0
    # The fourth entry is at 494: its type 4 bytes in, its first sector 8, its number of sectors 12.
    [ "$(od -An -v -tx1 -j 498 -N 1 $table)" = " 83" ] || return 0
    first=$(number $table 502)
    old=$(number $table 506)
    for entry in 446 462 478; do
        [ "$(number $table $((entry + 8)))" -lt "$first" ] || return 0
    done
    # Whole blocks of 4 MiB, as cards erase them; the table cannot count beyond 2 TiB.
    last=$(($(cat "/sys/block/$disk/size") & ~8191))
    if [ $last -gt 4294959104 ]; then last=4294959104; fi
    new=$((last - first))
    [ $new -gt $((old + 131072)) ] || return 0
    say "growing the data partition from $old to $new sectors"
    bytes=$(printf '\\%03o\\%03o\\%03o\\%03o' \
        $((new & 255)) $((new >> 8 & 255)) $((new >> 16 & 255)) $((new >> 24 & 255)))
    # shellcheck disable=SC2059 # the bytes are the format
    printf "$bytes" | dd of=$table bs=1 seek=506 conv=notrunc 2>/dev/null
    if [ "$(number $table 506)" != $new ] || [ "$(wc -c <$table)" != 512 ]; then return 0; fi
    timeout 60 dd if=$table of="/dev/$disk" bs=512 count=1 conv=notrunc,fsync 2>/dev/null
    # When the kernel keeps to the old table, the new one counts from the next start on.
    if ! blockdev --rereadpt "/dev/$disk"; then say "the new size counts from the next start on"; fi
    await_block "$(partition_device 4)" 5
}
