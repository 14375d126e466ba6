#!/usr/bin/env bash
# The release library as a file: exported names, needed libraries, soname, size, flags. usage: check_exports.sh STAGE
set -euo pipefail
stage=$1
here=$(cd "$(dirname "$0")" && pwd)
library=$stage/lib/libkubecr.so
# 6.6 MB before plugins, proxies, impersonation and certificates that change.
max_bytes=7200000
bad=0
fault() { echo "$*" >&2; bad=1; }

# What the header declares, read by the compiler: every function it names.
declared=$(echo '#include <kubecr.h>' | gcc -I"$stage/include" -E -P -x c - | tr '\n' ' ' | grep -oE '\bkcr_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u)
exported=$(nm -D --defined-only "$library" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | sort -u)
[ "$(wc -l <<<"$declared")" -gt 60 ] || fault "only $(wc -l <<<"$declared") functions were found in the header"
diff <(echo "$declared") <(echo "$exported") >&2 || fault "the header (<) and the library's exports (>) differ"
nm -D --defined-only "$library" | awk '$2 == "A"' | grep -v ' KUBECR_0' >&2 && fault "another absolute symbol"

needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
while IFS= read -r name; do
  case $name in
    libcurl.so.4 | libyaml-0.so.2 | libc.so.6 | libm.so.6 | ld-linux-*.so.*) ;;
    *) fault "it needs $name" ;;
  esac
done <<<"$needed"
for name in libcurl.so.4 libyaml-0.so.2 libc.so.6; do
  grep -qx "$name" <<<"$needed" || fault "it does not need $name"
done

abi=$(sed -n 's/^#define KCR_ABI \([0-9]*\)$/\1/p' "$stage/include/kubecr.h")
readelf -d "$library" | grep -q "SONAME.*\[libkubecr.so.$abi\]" || fault "the soname is not libkubecr.so.$abi"
readelf -d "$library" | grep -q 'FLAGS_1.*NODELETE' || fault "not marked nodelete: dlclose would unmap running threads"
readelf -d "$library" | grep -qE 'RPATH|RUNPATH' && fault "it has a run path"
readelf -S "$library" | grep -qE '\.(symtab|debug_info)' && fault "it is not stripped"
readelf -lW "$library" | grep -q 'GNU_STACK.*RWE' && fault "its stack is executable"
# Nothing of the machine it was built on, and no Foundation.
strings -n 6 "$library" | grep -F -e "$(cd "$here/../.." && pwd)" >&2 && fault "it names the folder it was built in"
strings -n 6 "$library" | grep -qi 'swiftFoundation\|libdispatch' && fault "Foundation or Dispatch is linked in"

bytes=$(stat -Lc %s "$library")
((bytes <= max_bytes)) || fault "$bytes bytes are more than $max_bytes"
((bad == 0)) || exit 1
echo "$(wc -l <<<"$exported") functions, as declared; $bytes bytes; needs: $(paste -sd' ' <<<"$needed")"
