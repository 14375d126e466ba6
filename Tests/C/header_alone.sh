#!/usr/bin/env bash
# The installed header compiles alone, twice, as C99 and newer and as C++11 and newer. usage: header_alone.sh STAGE
set -euo pipefail
stage=$1
text='#include <kubecr.h>
#include <kubecr.h>
int main(void) { return kcr_abi() == KCR_ABI ? KCR_OK : 1; }'
strict=(-Wall -Wextra -Wpedantic -Wconversion -Wstrict-prototypes -Werror -I"$stage/include" -fsyntax-only)
strictxx=(-Wall -Wextra -Wpedantic -Wconversion -Wold-style-cast -Werror -I"$stage/include" -fsyntax-only)
for standard in c99 c11 c17; do
  for compiler in gcc clang; do "$compiler" -std="$standard" "${strict[@]}" -x c - <<<"$text"; done
done
for standard in c++11 c++17 c++20; do
  for compiler in g++ clang++; do "$compiler" -std="$standard" "${strictxx[@]}" -x c++ - <<<"$text"; done
done
echo "the header compiles alone as C99, C11, C17, C++11, C++17 and C++20, by gcc and clang"
