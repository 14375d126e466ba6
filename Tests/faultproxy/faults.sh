#!/usr/bin/env bash
# An informer behind kubecr-faultproxy: through each fault it must become equal to the server, which is asked past the proxy.
# Run through testserver.sh or real.sh; usage: faults.sh BIN PROXY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$1 faultproxy=$2
# shellcheck source=../C/cluster.sh
source "$here/../C/cluster.sh"
# shellcheck source=behind.sh
source "$here/behind.sh"
ns_name=faults-$$
options='{"qps": 0, "idleMs": 2000, "timeoutMs": 6000, "connectTimeoutMs": 3000}'
behind_proxy_start
for i in {1..60}; do create "p-$i"; done

serial=0
# through WHAT TIMES RULES: a new informer, whose pauses begin small; the rules meet new connections; objects change until the rules have
# happened so often; the rules stay.
through() {
  serial=$((serial + 1))
  control DELETE /rules >/dev/null
  behind_program_start "$options"
  converge "before" >/dev/null
  rules "$3"
  control POST /reset >/dev/null
  create "through-$serial"
  delete "p-$((51 + serial % 9))" 2>/dev/null || true
  local round=0
  until (($(fired) >= $2)); do
    round=$((round + 1))
    ((round < 600)) || { echo "$1: the rules have happened $(fired) times, not $2" >&2; return 1; }
    change "p-$((round % 50 + 1))" $((serial * 1000 + round))
    sleep 0.05
  done
  converge "$1"
  behind_program_end >/dev/null
}
fired() { control GET /rules | tr -d ' ' | grep -o '"fired":[0-9]*' | awk -F: '{ sum += $2 } END { print sum + 0 }'; }
through "writes of one byte" 2 '{"do":"split","bytes":1,"direction":"both"}'
through "a slow line" 2 '{"do":"slow","bytesPerSecond":60000,"direction":"both"}'
through "a stall that ends" 1 '{"do":"stall","ms":700,"after":[0,3000],"times":1}'
through "each connection reset somewhere" 3 '{"do":"reset","after":[0,6000],"times":3}'
through "cut off somewhere" 3 '{"do":"truncate","after":[0,6000],"times":3}'
through "ended somewhere" 3 '{"do":"close","after":[0,6000],"times":3}'
through "silent for ever" 2 '{"do":"stall","after":[0,5000],"times":2}'
through "black holes" 2 '{"do":"blackhole","after":[0,5000],"times":2}'
through "a wrong byte" 3 '{"do":"corrupt","after":[0,6000],"times":3}'
through "lost bytes" 3 '{"do":"drop","bytes":3,"after":[0,6000],"times":3}'
through "bytes of nobody" 3 '{"do":"insert","text":"?","after":[0,6000],"times":3}'
through "refused" 2 '{"do":"refuse","times":2}'
control DELETE /rules >/dev/null
behind_program_start "$options"
converge "before" >/dev/null
rules '[{"do":"blackhole"}]' # what is open now is dead without a word
control DELETE /rules >/dev/null
create after-the-black-hole
converge "a black hole under an open watch"
behind_program_end
behind_proxy_end
