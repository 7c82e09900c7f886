# Sourced by init: the data partition, and a person's wish on the FAT partition to have it erased.
# A file system is made only where none ever was, or where a person asked for it. What is damaged is mended, else
# mounted read-only, else left alone.
# shellcheck shell=dash disable=SC2154,SC2034

# What the image writes at the start of a data partition that never had a file system.
marker=VITRINE-NEW-DATA-PARTITION
# mke2fs wipes that early on. So as long as it is at work, the same word stands in the gap before the first partition
# (in sector 64, 32 KiB from the card's start), followed by why: `/made` or `/erased`.
gap=64

firmware=$system/boot/firmware
common=noatime,nosuid,nodev,noexec

# remark small|lost|unchecked WORDS: beside the state.
remark() {
    echo "$*" >>"$report/remarks"
    say "data: $*"
}

conclude() {
    echo "$*" >"$report/data"
    say "data: $*"
}

# write_gap TEXT: nothing to wipe it.
write_gap() {
    [ "$first_1" -gt $gap ] || return 1
    dd if=/dev/zero of=/run/sector bs=512 count=1 2>/dev/null
    printf %s "$1" | dd of=/run/sector bs=512 conv=notrunc 2>/dev/null
    timeout 60 dd if=/run/sector of="/dev/$disk" bs=512 seek=$gap count=1 conv=notrunc,fsync 2>/dev/null
}

# Mounts the FAT partition, read-only; when it cannot be, the system goes without.
mount_firmware() {
    name_partition 1
    # Passwords may be on it: root's alone.
    mount -t vfat -o "ro,$common,umask=0077" "$device" "$firmware" && return 0
    say "the FAT partition cannot be mounted"
    return 1
}

# Sets wish to the file's name, if there is one. It may have got an ending by a computer that hides it, and the FAT does
# not tell capitals.
look_for_wish() {
    wish=
    for name in erase-data erase-data.txt; do
        if [ -f "$firmware/$name" ]; then wish=$name; fi
    done
}

# Takes the wish off the FAT, and looks on the card itself whether it is gone.
remove_wish() {
    umount "$firmware"
    name_partition 1
    if mount -t vfat -o "rw,$common,umask=0077" "$device" "$firmware"; then
        rm -f "$firmware/erase-data" "$firmware/erase-data.txt"
        sync
        umount "$firmware"
    fi
    # What cannot be looked at is not gone.
    mount_firmware || return 1
    look_for_wish
    [ -z "$wish" ]
}

# Sets data, reason to why a file system has to be made there (`made`, `erased`, or nothing), and danger to why nothing
# may be taken into it: the next start would erase what was acknowledged.
prepare_data() {
    name_partition 4
    data=$device
    reason=
    danger=
    await_block "$data" 5 || return 0
    read_text "/dev/$disk" $((gap * 512)) 40
    case $text in
    "$marker/made"*)
        # A file system that was in use since: the card has forgotten that this word was taken back.
        if read_superblock && [ "$mounts" -gt 0 ]; then
            write_gap "" || danger="the mark of a new card cannot be taken off the card"
        else
            reason=made
        fi
        ;;
    "$marker/erased"*) reason=erased ;;
    *)
        read_text "$data" 0 26
        if [ "$text" = $marker ]; then reason=made; fi
        ;;
    esac
    look_for_wish
    [ -n "$wish" ] || return 0
    if [ -n "$reason" ]; then
        remove_wish || danger="the file $wish cannot be taken off the card"
    elif write_gap "$marker/erased"; then
        # From here on the wish survives a power cut without its file. One that stays would erase at each start.
        if remove_wish; then
            reason=erased
        else
            write_gap "" || danger="the mark to erase cannot be taken off the card"
        fi
    fi
    [ -n "$reason" ] || echo "the file $wish cannot be taken off the card" >"$report/wish"
}

# Makes the file system. By its path, for busybox would take its own mke2fs, which makes another kind. A medium takes
# four inodes, and even a small one is some hundred kilobytes.
make_data() {
    write_gap "$marker/$reason" || return 1
    timeout 600 /sbin/mke2fs -q -F -t ext4 -b 4096 -I 256 -i 65536 -m 1 -J size=32 -E nodiscard -L vitrine-data \
        "$data" >"$report/mke2fs" 2>&1 </dev/null || return 1
    # The first kilobyte is none of the file system's.
    timeout 60 dd if=/dev/zero of="$data" bs=512 count=2 conv=notrunc,fsync 2>/dev/null || return 1
    write_gap ""
}

# What e2fsck says after a power cut that did no harm.
usual='recovering journal|rphan|FILE SYSTEM WAS MODIFIED|non-contiguous|^$'

# Sets outcome to clean, repaired, unchecked or damaged. Always a full check: a card that lies about what it has written
# leaves damage behind that no flag tells of. In the gentle one everything is mended that loses nothing.
check_data() {
    log=$report/e2fsck
    timeout -s TERM -k 10 60 /sbin/e2fsck -p -f "$data" >"$log" 2>&1 </dev/null
    code=$?
    # After a power cut the journal is replayed, what was deleted while open is cleared, and sums are counted anew: that
    # is how it is meant.
    if [ $code -le 2 ] && ! grep -q -v -E "$usual" "$log"; then
        outcome=clean
        return
    fi
    if [ $((code & 32)) -ne 0 ] && [ $((code & 12)) -eq 0 ]; then
        outcome=unchecked
        return
    fi
    say "data: e2fsck -p ended with $code"
    outcome=damaged
    tell_screen "The card is being mended. Please leave it switched on: this may take some minutes."
    look_at_clock
    end=$((now + 900))
    # The superblock has copies; e2fsck finds most of them itself.
    for copy in "" "-b 32768 -B 4096" "-b 98304 -B 4096"; do
        # What a round mends may bring to light what the next one finds: until there is nothing.
        for round in 1 2 3 4 5; do
            look_at_clock
            if [ "$now" -ge $end ]; then return; fi
            # shellcheck disable=SC2086 # two arguments or none
            timeout -s TERM -k 10 $((end - now)) /sbin/e2fsck -y -f $copy "$data" >>"$log" 2>&1 </dev/null
            code=$?
            say "data: e2fsck -y $copy, round $round, ended with $code"
            if [ $code -eq 0 ]; then
                outcome=repaired
                return
            fi
            # 8: it could not even begin; 32 and more: it had no time.
            if [ $code -ge 8 ]; then break; fi
            copy=
        done
        # A copy of the superblock helps neither against what five rounds do not mend nor against a lack of time.
        if [ $code -lt 8 ] || [ $code -ge 32 ]; then return; fi
    done
}

# Sets blocks, mounts (how often it was, since a check or since it was made) and identity of the file system; fails when
# there is none. Offsets: ext4's disk layout in the kernel's documentation, "super block".
read_superblock() {
    # shellcheck disable=SC2046 # one word for each byte
    set -- $(od -An -v -tx1 -j 1028 -N 116 "$data" 2>/dev/null)
    blocks=0
    mounts=0
    identity=
    [ "${53}${54}" = 53ef ] || return 1
    blocks=$((0x$4$3$2$1))
    mounts=$((0x${50}${49}))
    shift 100
    identity=$*
}

# Larger than its file system: it was copied to a larger card, or the power went between the two. Grown while it is
# mounted, since only that is safe against power cuts. Sets grown to words, or to nothing.
grow_data() {
    grown=
    look_at_size "$data"
    if ! read_superblock || [ $((size / 8)) -le $((blocks + 16384)) ]; then return; fi
    if timeout -s TERM -k 10 300 /sbin/resize2fs "$data" >"$report/resize2fs" 2>&1 </dev/null; then
        grown="grown to $((size / 2048)) MB"
    else
        remark small "its data partition of $((blocks / 256)) MB could not be grown to $((size / 2048)) MB"
    fi
}

try_mount() { timeout 120 mount -t ext4 -o "$1,$common" "$data" "$system/data"; }

# Mounts /data, whatever it takes, and binds the daemon's folder in it.
mount_data() {
    identity=
    if [ ! -b "$data" ]; then
        no_data "the card has no data partition"
        return
    fi
    if [ -n "$reason" ] && ! make_data; then
        no_data "no file system could be made on the data partition: the card cannot be written"
        return
    fi
    if is_locked "$data"; then
        read_only_data "the card is write-protected or worn out"
        return
    fi
    if [ -n "$danger" ]; then
        read_only_data "$danger"
        return
    fi
    outcome=clean
    [ -n "$reason" ] || check_data
    if [ $outcome = damaged ] || ! try_mount rw,errors=remount-ro; then
        read_only_data "the file system of the data partition is damaged and could not be mended"
        return
    fi
    grow_data
    own_folders
    case ${reason:-$outcome} in
    made) conclude "made a file system on the new card, $((size / 2048)) MB" ;;
    erased) conclude "erased as asked for by the file erase-data on the card" ;;
    repaired)
        find_lost
        conclude "repaired a check mended its file system${grown:+, $grown}"
        ;;
    *)
        [ $outcome = clean ] || remark unchecked "it took more than a minute, and was left"
        if [ -n "$grown" ]; then conclude "grown $grown"; else conclude "ok mounted as it was"; fi
        ;;
    esac
}

# What e2fsck found without a name, now or earlier.
find_lost() {
    set -- "$system"/data/lost+found/*
    if [ -e "$1" ]; then remark lost "pieces without a name in lost+found: $#"; fi
}

own_folders() {
    [ -d "$system/data/vitrine" ] || mkdir "$system/data/vitrine"
    [ -d "$system/data/system" ] || mkdir -m 0700 "$system/data/system"
    while IFS=: read -r name _ user group _; do
        if [ "$name" = vitrine ]; then chown "$user:$group" "$system/data/vitrine"; fi
    done <"$system/etc/passwd"
    mount -o bind "$system/data/vitrine" "$system/var/lib/vitrine"
}

# What can be read is shown. Without its journal when that is what is broken.
read_only_data() {
    for how in ro ro,noload; do
        try_mount $how || continue
        read_superblock
        if [ -d "$system/data/vitrine" ]; then mount -o bind "$system/data/vitrine" "$system/var/lib/vitrine"; fi
        conclude "read_only $1"
        return
    done
    no_data "$1, and nothing of it can be read"
}

# Folders where the data would be, empty, and not to be written: nothing is taken that would be lost.
no_data() {
    mount -t tmpfs -o "size=64k,mode=0755,$common" none "$system/data"
    own_folders
    mount -o remount,ro "$system/data"
    conclude "absent $1"
}
