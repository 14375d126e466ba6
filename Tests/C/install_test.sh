#!/usr/bin/env bash
# What `make install` lays down is enough for a program: by pkg-config and by CMake, under a PREFIX and under a DESTDIR.
# usage: install_test.sh STAGE
set -euo pipefail
stage=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
version=$(PKG_CONFIG_PATH=$stage/lib/pkgconfig pkg-config --modversion kubecr)

cat >"$work/main.c" <<'C'
#include <kubecr.h>
#include <stdio.h>
int main(void) { return puts(kcr_version()) < 0 || kcr_abi() != KCR_ABI; }
C
run() { # run WHAT PROGRAM: it must say the version
  local said
  said=$("$2")
  [ "$said" = "$version" ] || { echo "$1: it says \"$said\", not $version" >&2; exit 1; }
  echo "$1: $said"
}

# shellcheck disable=SC2046 # words
gcc "$work/main.c" -o "$work/by-pkg-config" $(PKG_CONFIG_PATH=$stage/lib/pkgconfig pkg-config --cflags --libs kubecr) -Wl,-rpath,"$stage/lib"
run "by pkg-config" "$work/by-pkg-config"

cat >"$work/CMakeLists.txt" <<C
cmake_minimum_required(VERSION 3.13)
project(consumer C)
find_package(kubecr ${version%.*} REQUIRED)
add_executable(by-cmake main.c)
target_link_libraries(by-cmake PRIVATE kubecr::kubecr)
C
cmake -S "$work" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$stage" >"$work/cmake.log" || { cat "$work/cmake.log" >&2; exit 1; }
cmake --build "$work/cmake" >>"$work/cmake.log" || { cat "$work/cmake.log" >&2; exit 1; }
run "by CMake" "$work/cmake/by-cmake"
sed -i "s/find_package(kubecr [^ ]*/find_package(kubecr 99.0/" "$work/CMakeLists.txt"
if cmake -S "$work" -B "$work/cmake-99" -DCMAKE_PREFIX_PATH="$stage" >/dev/null 2>&1; then
  echo "CMake accepted version 99.0" >&2
  exit 1
fi

# A package is built into a DESTDIR; nothing in the files may name it.
make -s -C "$here/../.." install PREFIX=/usr DESTDIR="$work/root"
grep -rl "$work/root" "$work/root/usr/lib/pkgconfig" "$work/root/usr/lib/cmake" && { echo "an installed file names the DESTDIR" >&2; exit 1; }
grep -qx 'libdir=/usr/lib' "$work/root/usr/lib/pkgconfig/kubecr.pc"
[ "$(readlink "$work/root/usr/lib/libkubecr.so.0")" = "libkubecr.so.$version" ]
(cd "$work/root" && find . -type f -o -type l | sort) >"$work/files"
diff - "$work/files" <<LIST
./usr/include/kubecr.h
./usr/lib/cmake/kubecr/kubecrConfig.cmake
./usr/lib/cmake/kubecr/kubecrConfigVersion.cmake
./usr/lib/libkubecr.so
./usr/lib/libkubecr.so.0
./usr/lib/libkubecr.so.$version
./usr/lib/pkgconfig/kubecr.pc
LIST
echo "DESTDIR: as it should be"
