# Sourced by the scripts of this folder, which run in the root of tools: /source is the checkout, /cache the cache folder.
# shellcheck shell=sh disable=SC2034
output=/cache/$FOLDER
work=$output/work
root=$work/root
fat=$work/fat
name=vitrine-zero2w-$VERSION
# Constant for ever: the kernel command line of each slot names its partition by it. "VITR".
signature=56495452
mebibyte=1048576
# The layout of a card in the field is never changed: an update writes into what is there.
fat_size=$((512 * mebibyte))
system_size=$((512 * mebibyte))
data_size=$((64 * mebibyte))
alignment=$((4 * mebibyte))

say() { echo "image: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# words FILE: what a list says, without its comments.
words() { sed 's/#.*//' "$1"; }

mkdir -p "$work"
