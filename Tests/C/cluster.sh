# Shell functions to talk to a started real API server with curl, as its administrator. Sourced, not run.
# Needs KUBECR_REAL_SERVER and KUBECR_REAL_DIR, as the scripts of Tests/real-apiserver print them.
# shellcheck shell=bash

group=/apis/example.sealyun.com/v1alpha1
machines=/apis/infra.sealyun.com/v1

# admin METHOD PATH [FILE or JSON]: the answer's body; fails on HTTP errors.
admin() {
  local body=()
  if [ $# -ge 3 ]; then
    if [ -f "$3" ]; then body=(--data-binary "@$3"); else body=(--data-binary "$3"); fi
  fi
  curl -sS --fail-with-body --noproxy '*' --max-time 20 --cacert "$KUBECR_REAL_DIR/pki/ca.crt" \
    --cert "$KUBECR_REAL_DIR/pki/admin.crt" --key "$KUBECR_REAL_DIR/pki/admin.key" \
    -X "$1" -H "Content-Type: ${content_type:-application/json}" "${body[@]}" "$KUBECR_REAL_SERVER$2"
}

# within SECONDS WHAT COMMAND...: repeats the command until it succeeds.
within() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then
      echo "$what: not within the time allowed" >&2
      "$@" >&2 || true
      return 1
    fi
    sleep 0.1
  done
}

established() { # established CRD-NAME
  admin GET "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/$1" |
    tr -d ' \n' | grep -q '"type":"Established","status":"True"\|"status":"True",[^}]*"type":"Established"'
}

# Established is not yet served: an old server answers 404 for about a second more.
served() {
  local round
  for round in 1 2 3; do
    admin GET $group/projects && admin GET $machines/virtulmachines && admin GET $group && admin GET $machines || return 1
    sleep 0.1
  done
}

# apply_crds [PROJECTS-FILE]: both CRDs and both samples of Tests/crds.
apply_crds() {
  local json projects version=v1
  json=$(cd "$(dirname "${BASH_SOURCE[0]}")/../crds/json" && pwd)
  projects=${1:-projects}
  [[ $projects == *v1beta1 ]] && version=v1beta1
  admin POST "/apis/apiextensions.k8s.io/$version/customresourcedefinitions" "$json/$projects.json" >/dev/null
  admin POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions "$json/virtulmachines.json" >/dev/null
  within 30 "CRD projects established" established projects.example.sealyun.com
  within 30 "CRD virtulmachines established" established virtulmachines.infra.sealyun.com
  within 60 "the custom resources served" served
  admin POST $group/namespaces/default/projects "$json/sample-project.json" >/dev/null
  admin POST $machines/namespaces/default/virtulmachines "$json/sample-virtulmachine.json" >/dev/null
}
