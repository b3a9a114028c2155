#!/usr/bin/env bash
# submit/yarn/train.sh client|cluster EXECUTORS CORES train --conf plan.conf --output hdfs:///runs/run1 …
# Trains on YARN. HADOOP_CONF_DIR names the cluster. In cluster mode the driver runs there: the plan must lie on HDFS, or
# is shipped with it when it is a file of this machine. HEAP, OFFHEAP and QUEUE as the environment says.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
if [ $# -lt 4 ]; then
  sed -n 2,5p "$0" >&2
  exit 1
fi
mode=$1 executors=$2 cores=$3
shift 3
: "${HADOOP_CONF_DIR:?error: HADOOP_CONF_DIR must name the folder with core-site.xml and yarn-site.xml}"
# shellcheck source=../cluster-options
. "$here/../cluster-options"
sparkface_memory "${HEAP:-4g}" "${OFFHEAP:-6g}"
# YARN makes and hands out the secret by itself.
job=() files= before=
for word in "$@"; do
  if [ "$mode" = cluster ] && { [ "$before" = --conf ] || [ "$before" = --plan ]; } && [ -f "$word" ]; then
    files=$word,
    word=$(basename "$word")
  fi
  job+=("$word")
  before=$word
done
shipped=()
[ "$mode" != cluster ] || shipped=(--files "$files$here/../../conf/log4j2.properties")
exec "$here/../spark-submit" "${job[@]}" -- --master yarn --deploy-mode "$mode" \
  --num-executors "$executors" --executor-cores "$cores" --queue "${QUEUE:-default}" \
  --conf spark.yarn.maxAppAttempts=2 "${shipped[@]}" "${sparkface_options[@]}"
