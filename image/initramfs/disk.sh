# Sourced by init: the card, its partition table, and bytes on it. Sectors are of 512 bytes.
# Functions leave their results in variables: a process for each would cost more than all the rest of a start.
# shellcheck shell=dash disable=SC2034,SC2154

# Sets wanted_signature, wanted_partition, stop and shell.
read_command_line() {
    wanted_signature=none
    wanted_partition=2
    stop=
    shell=
    read -r line </proc/cmdline
    for word in $line; do
        case $word in
        root=PARTUUID=*-*)
            word=${word#root=PARTUUID=}
            # With two digits, in hexadecimal.
            case ${word##*-} in 03) wanted_partition=3 ;; esac
            wanted_signature=${word%-*}
            ;;
        vitrine.stop=*) stop=${word#vitrine.stop=} ;;
        vitrine.shell=*) shell=${word#vitrine.shell=} ;;
        esac
    done
}

# Sets now: whole seconds since the kernel's start.
look_at_clock() {
    read -r now _ </proc/uptime
    now=${now%%.*}
}

# await_block DEVICE SECONDS
await_block() {
    look_at_clock
    until=$((now + $2))
    while [ ! -b "$1" ]; do
        look_at_clock
        [ "$now" -lt $until ] || return 1
        usleep 20000
    done
}

# Sets device: of that partition of our card.
name_partition() {
    case $disk in
    *[0-9]) device=/dev/${disk}p$1 ;;
    *) device=/dev/$disk$1 ;;
    esac
}

# Sets size, in sectors, of a disk or partition: vda, mmcblk0p4, /dev/vda4.
look_at_size() { read -r size <"/sys/class/block/${1##*/}/size"; }

# Is a disk or partition not to be written?
is_locked() {
    read -r locked <"/sys/class/block/${1##*/}/ro"
    [ "$locked" = 1 ]
}

# Sets signature, and kind_N, first_N, sectors_N for each entry, of the partition table of a disk or a copy of it.
read_table() {
    # shellcheck disable=SC2046 # one word for each byte
    set -- $(od -An -v -tx1 -j 440 -N 72 "$1" 2>/dev/null)
    signature=
    [ "${71}${72}" = 55aa ] || return 1
    # The least significant byte is first.
    signature=$4$3$2$1
    shift 6
    for entry in 1 2 3 4; do
        eval "kind_$entry=$5 first_$entry=$((0x${12}${11}${10}$9)) sectors_$entry=$((0x${16}${15}${14}${13}))"
        shift 16
    done
}

# read_text FILE OFFSET LENGTH: sets text to what is there, without blanks; a zero is \0.
read_text() {
    text=
    for letter in $(od -An -v -c -j "$2" -N "$3" "$1" 2>/dev/null); do text=$text$letter; done
}

# find_disk SECONDS: sets disk to the name of the one with our signature, and reads its table; when none comes in time,
# of one that looks like a card of ours, since a signature may have been changed by a tool that copied the card.
find_disk() {
    look_at_clock
    until=$((now + $1))
    while [ "$now" -lt $until ]; do
        for folder in /sys/block/mmcblk* /sys/block/vd* /sys/block/sd* /sys/block/nvme*; do
            disk=${folder##*/}
            if [ ! -b "/dev/$disk" ] || ! read_table "/dev/$disk"; then continue; fi
            if [ "$signature" = "$wanted_signature" ]; then return 0; fi
        done
        usleep 20000
        look_at_clock
    done
    for folder in /sys/block/mmcblk* /sys/block/vd* /sys/block/sd* /sys/block/nvme*; do
        disk=${folder##*/}
        name_partition 2
        if [ ! -b "$device" ] || ! read_table "/dev/$disk"; then continue; fi
        read_text "$device" 0 4
        # How a squashfs begins.
        if [ "$text" = hsqs ]; then
            say "no disk has the signature $wanted_signature: took $disk"
            return 0
        fi
    done
    return 1
}

# Makes the entry of the last partition reach to the card's end: one sector, written at once. Before anything of the
# card is mounted, for the kernel reads the table anew only then. Does nothing when 64 MiB or less would be gained.
grow_entry() {
    [ "$kind_4" = 83 ] || return 0
    for first in "$first_1" "$first_2" "$first_3"; do [ "$first" -lt "$first_4" ] || return 0; done
    look_at_size "$disk"
    # Whole blocks of 4 MiB, as cards erase them; the table cannot count beyond 2 TiB.
    last=$((size & ~8191))
    if [ $last -gt 4294959104 ]; then last=4294959104; fi
    new=$((last - first_4))
    [ $new -gt $((sectors_4 + 131072)) ] || return 0
    if is_locked "$disk"; then return 0; fi
    say "growing the data partition from $sectors_4 to $new sectors"
    bytes=$(printf '\\%03o\\%03o\\%03o\\%03o' \
        $((new & 255)) $((new >> 8 & 255)) $((new >> 16 & 255)) $((new >> 24 & 255)))
    dd if="/dev/$disk" of=/run/table bs=512 count=1 2>/dev/null
    # The number of sectors of the fourth entry.
    # shellcheck disable=SC2059 # the bytes are the format
    printf "$bytes" | dd of=/run/table bs=1 seek=506 conv=notrunc 2>/dev/null
    read_table /run/table && [ "$signature $sectors_4" = "$wanted_signature $new" ] || return 0
    timeout 60 dd if=/run/table of="/dev/$disk" bs=512 count=1 conv=notrunc,fsync 2>/dev/null
    # When the kernel keeps to the old table, the new one counts from the next start on.
    if ! blockdev --rereadpt "/dev/$disk"; then say "the new size counts from the next start on"; fi
    name_partition 4
    await_block "$device" 5
}
