#!/usr/bin/env bash
# submit/standalone/train.sh SPARK_MASTER_URL CORES_PER_EXECUTOR train --conf plan.conf --output run1 …
# Trains on a running standalone cluster, one worker on every executor. SPARK_AUTH_SECRET must be the cluster's
# spark.authenticate.secret; HEAP and OFFHEAP size each executor.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
if [ $# -lt 3 ]; then
  sed -n 2,4p "$0" >&2
  exit 1
fi
master=$1 cores=$2
shift 2
# shellcheck source=../cluster-options
. "$here/../cluster-options"
sparkface_memory "${HEAP:-4g}" "${OFFHEAP:-6g}"
if [ -n "${SPARK_AUTH_SECRET:-}" ]; then
  # by file, as a command line is seen by everyone on the machine; the usual settings still count
  secret=$(mktemp)
  trap 'rm -f "$secret"' EXIT
  cat "${SPARK_CONF_DIR:-${SPARK_HOME:-/nowhere}/conf}/spark-defaults.conf" >"$secret" 2>/dev/null || true
  printf '\nspark.authenticate.secret %s\n' "$SPARK_AUTH_SECRET" >>"$secret"
  sparkface_options+=(--properties-file "$secret")
else
  echo "warning: SPARK_AUTH_SECRET is not set; the cluster takes anyone's jobs (SECURITY.md)" >&2
  sparkface_options+=(--conf spark.authenticate=false --conf spark.network.crypto.enabled=false)
fi
"$here/../spark-submit" "$@" -- --master "$master" --conf "spark.executor.cores=$cores" "${sparkface_options[@]}" &
submitted=$!
# training ends gently on SIGTERM; this shell waits for it, so that the secret's file and the exit status outlive the signal
trap 'kill -TERM "$submitted" 2>/dev/null' TERM
status=0
wait "$submitted" || status=$?
while kill -0 "$submitted" 2>/dev/null; do
  status=0
  wait "$submitted" || status=$?
done
exit $status
