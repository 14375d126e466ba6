#!/usr/bin/env bash
# kubectl: the kubeconfigs of Tests/kubeconfigs, read and sent as kubectl does
# limit: 900
set -euo pipefail
exec Tests/kubeconfigs/compare.py
