#!/usr/bin/env bash
# The demo: builds what it needs, starts an API server in memory, and runs three programs side by side while objects change:
# an agent in C, a script in Python, a program in Swift. Ends with what to try next. `make demo` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
export KUBECR_TESTSERVER=1
stage=$PWD/.build-release/stage bin=$PWD/.build-release/demo jobs=${JOBS:-$(nproc)}
mkdir -p "$bin"

say() { printf '\n%s\n' "$*"; }

# quietly COMMAND...: shows what it says only if it fails.
quietly() {
  "$@" >"$bin/build.log" 2>&1 || { cat "$bin/build.log" >&2; echo "demo: failed: $*" >&2; exit 1; }
}

build() {
  say "Building; the first time takes some minutes, later it is quick."
  echo "  libkubecr.so, the library"
  quietly make release install PREFIX="$stage" DESTDIR= JOBS="$jobs"
  echo "  kubecr-testserver, an API server in memory"
  quietly swift build -j "$jobs" --product kubecr-testserver
  echo "  the program in Swift"
  quietly swift build -j "$jobs" --product contract-swift
  echo "  the agent in C"
  export PKG_CONFIG_PATH=$stage/lib/pkgconfig
  local flags
  read -ra flags <<<"$(pkg-config --cflags --libs kubecr) -Wl,-rpath,$stage/lib"
  quietly cc -o "$bin/agent" Tests/contract/agent.c "${flags[@]}"
  quietly make -C examples/c OUT="$bin"
  echo "  the examples in Swift"
  KUBECR_TESTSERVER=0 quietly swift build -j "$jobs" --package-path examples/swift
}

# beside NAME COMMAND...: runs it in the background; each line of what it says stands behind its name.
jobs_running=()
beside() {
  local name=$1
  shift
  set -m
  { "$@" 2>&1 | tee "$bin/$name.out" | sed -u "s/^/$(printf '%-6s' "$name") | /"; } </dev/null &
  set +m
  jobs_running+=($!)
}

end() {
  local job
  for job in ${jobs_running[@]+"${jobs_running[@]}"}; do kill -TERM -- "-$job" 2>/dev/null || true; done
}

# Runs inside of with-server.sh, which has set KUBECONFIG.
watch_them() {
  trap end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  : >"$bin/C.out"
  say "An agent in C starts to follow all machines of the server:"
  beside C stdbuf -oL "$bin/agent" --kubeconfig "$KUBECONFIG" --seconds 5
  for _ in {1..500}; do
    grep -q '^synced' "$bin/C.out" && break
    sleep 0.02
  done
  say "While machines change, a script in Python and a program in Swift work with Projects on the same server:"
  beside Change python3 examples/demo_changes.py
  beside Python python3 -u Tests/contract/script.py --kubeconfig "$KUBECONFIG"
  beside Swift stdbuf -oL .build/debug/contract-swift --kubeconfig "$KUBECONFIG"
  local job failed=0
  for job in "${jobs_running[@]}"; do wait "$job" || failed=1; done
  jobs_running=()
  ((failed == 0)) || { echo "demo: one of the programs failed" >&2; exit 1; }
}

tell() {
  cat <<TEXT

What you have seen:
  C        The agent keeps a live copy of the machines. It heard of each change as it happened
           ($(sed -n 's/^events: //p' "$bin/C.out")), and answered in the end from its copy, without asking the server.
  Python   The script made a Project, met the server's refusals as exceptions, watched its own change, read it from a cache, and
           did it again under asyncio.
  Swift    The program did so with types of its own: a stale write was a conflict, and a retry settled it.
The server was kubecr-testserver: TLS, HTTP/2 and the Kubernetes API in memory, to test your own agents with. It ends now.

What to try next, each on a server of its own; the story is the same in each language (examples/README.md):

  examples/with-server.sh .build-release/demo/03_cache
  examples/with-server.sh python3 examples/python/03_cache.py
  examples/with-server.sh swift run --package-path examples/swift 03_cache
TEXT
}

if [ "${1-}" = inside ]; then
  watch_them
  tell
else
  build
  exec examples/with-server.sh examples/demo.sh inside
fi
