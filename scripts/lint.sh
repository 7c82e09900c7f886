#!/bin/sh
# Style and repository hygiene. Every check here can fail.
set -eu
cd "$(dirname "$0")/.."
failed=0

echo "swift-format, strict"
swift format lint -s -p -r --configuration .swift-format Package.swift Sources Tests || failed=1

echo "C types stay in the targets that import them"
for module in CFFmpeg CHeif CI2C CWebP CFreeType CHarfBuzz CQREncode CSeccomp CJPEG CPNG; do
    targets=$(git grep -lE "^(public |package |internal )?import $module\$" -- Sources | cut -d/ -f2 | sort -u | tr '\n' ' ')
    case "$module:$targets" in
    CJPEG:"MediaDecoder StillEncoding " | CPNG:"MediaDecoder StillEncoding ") ;; # one reads, one writes
    *:*" "?*) echo "$module is imported by more than one target: $targets"; failed=1 ;;
    esac
    if git grep -nE "^public import $module\$" -- Sources; then
        echo "$module leaks into a public interface"
        failed=1
    fi
done

echo "the daemon never links libav*"
if git grep -nE "import CFFmpeg" -- Sources ':!Sources/MediaDecoder' ':!Sources/CFFmpeg' ':!Sources/MisbehavingDecoder'; then failed=1; fi

echo "no forced unwrapping of the world, no unfinished work"
if git grep -nE 'try!|fatalError\(|TODO|FIXME|XXX' -- 'Sources/*.swift'; then failed=1; fi

echo "every @unchecked Sendable and nonisolated(unsafe) says what protects it"
git grep -nE '@unchecked Sendable|nonisolated\(unsafe\)' -- 'Sources/*.swift' | cut -d: -f1,2 | while IFS=: read -r file line; do
    from=$((line > 4 ? line - 4 : 1))
    if ! sed -n "${from},${line}p" "$file" | grep -q '//'; then
        echo "$file:$line has no sentence beside it"
        exit 1
    fi
done || failed=1

echo "files short enough for one sitting"
git ls-files 'Sources/*.swift' 'Tests/*.swift' | while read -r file; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 450 ]; then
        echo "$file: $lines lines"
        exit 1
    fi
done || failed=1

echo "nothing that does not belong into the repository"
if git ls-files | grep -E '^\.build/|Package\.resolved$|\.img(\.xz)?$'; then failed=1; fi

if command -v systemd-analyze >/dev/null 2>&1; then
    echo "what the unit may do: an exposure of 2.5 at most"
    # In tenths. An older systemd says that it passes over keys that it does not know.
    systemd-analyze security --offline=yes --no-pager --threshold=25 systemd/vitrine.service >/dev/null 2>&1 || {
        systemd-analyze security --offline=yes --no-pager systemd/vitrine.service | tail -n 1
        failed=1
    }
fi

if command -v shellcheck >/dev/null 2>&1; then
    echo "shellcheck"
    git ls-files '*.sh' .ci/run | xargs shellcheck -S warning || failed=1
fi

[ "$failed" -eq 0 ] && echo "lint: clean"
exit "$failed"
