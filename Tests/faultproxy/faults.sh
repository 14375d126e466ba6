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
behind_start '{"qps": 0, "idleMs": 2000, "timeoutMs": 6000, "connectTimeoutMs": 3000}'
for i in {1..60}; do create "p-$i"; done
converge "at the start"

serial=0
# through WHAT RULES: the rules meet the open connections and, after a reset, new ones; objects change meanwhile; the rules stay.
through() {
  serial=$((serial + 1))
  rules "$2"
  for i in {1..10}; do change "p-$((serial % 5 * 10 + i))" $((serial + 1)); done
  control POST /reset >/dev/null
  create "through-$serial"
  delete "p-$((50 + serial % 10))" 2>/dev/null || true
  converge "$1"
}
through "writes of one byte" '{"do":"split","bytes":1}'
through "a slow line" '{"do":"slow","bytesPerSecond":60000,"direction":"both"}'
through "a stall that ends" '{"do":"stall","ms":1500,"after":[500,20000],"every":2}'
through "each connection reset somewhere, five times" '{"do":"reset","after":[0,40000],"times":5}'
through "cut off somewhere, five times" '{"do":"truncate","after":[0,40000],"times":5}'
through "ended somewhere, five times" '{"do":"close","after":[0,40000],"times":5}'
through "silent for ever, three times" '{"do":"stall","after":[0,8000],"direction":"both","times":3}'
through "black holes, three times" '{"do":"blackhole","after":[0,8000],"times":3}'
through "a wrong byte, five times" '{"do":"corrupt","after":[0,20000],"times":5}'
through "lost bytes, five times" '{"do":"drop","bytes":3,"after":[0,20000],"times":5}'
through "refused, three times" '{"do":"refuse","times":3}'
rules '[{"do":"blackhole"}]' # what is open now is dead without a word
control DELETE /rules >/dev/null
create after-the-black-hole
converge "a black hole under an open watch"
behind_end
