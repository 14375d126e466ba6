#!/usr/bin/env bash
# Adds to packaging/symbol.order what a use of the library calls: KubeCR's functions and those of the Swift and C++ run-times. The
# linker puts them side by side in that order, so that a process maps 1.6 MB less of the library. To make it anew, delete it and begin
# with the most common use (a first get from Python, bench/python/first_call.py), then lists, an informer, changes. A stale name does
# no harm.
#
#   symbol-order.sh COMMAND...     a program (no script) that uses libkubecr.so by its soname, with its arguments
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
order=$PWD/packaging/symbol.order scratch=$PWD/.build-release/symbols work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

KUBECR_RELEASE=1 KUBECR_SYMBOLS=1 swift build -c release --scratch-path "$scratch" --disable-local-rpath --product kubecr >&2
cp "$(KUBECR_RELEASE=1 KUBECR_SYMBOLS=1 swift build -c release --scratch-path "$scratch" --show-bin-path)/libkubecr.so" "$work/libkubecr.so.0"
LD_LIBRARY_PATH=$work valgrind -q --tool=callgrind --demangle=no --callgrind-out-file="$work/calls" "$@" >&2

# Names are given once, as "(number) name", and by number after that; only functions of the library.
awk '
  match($0, /^c?(ob|fn)=\([0-9]+\)/) {
    kind = ($0 ~ /^c?ob/) ? "ob" : "fn"
    number = substr($0, index($0, "(") + 1); number = substr(number, 1, index(number, ")") - 1)
    rest = substr($0, RLENGTH + 2)
    if (rest != "") name[kind number] = rest
    if ($0 ~ /^ob=/) inside = name[kind number] ~ /libkubecr/
    else if ($0 ~ /^fn=/ && inside) print name[kind number]
  }' "$work/calls" | sed -e "s/'[0-9]*$//" -e 's/@@.*//' | grep -vE '^0x|^\(below' | LC_ALL=C sort -u >"$work/names"
touch "$order"
grep -vxFf "$order" "$work/names" >>"$order" || true
echo "symbol-order: $(wc -l <"$order") functions" >&2
