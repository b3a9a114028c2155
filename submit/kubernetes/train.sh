#!/usr/bin/env bash
# submit/kubernetes/train.sh API_SERVER IMAGE EXECUTORS CORES train --conf s3a://bucket/plan.conf --output s3a://bucket/run1 …
# Trains on Kubernetes in cluster mode: the driver is a pod too. First: kubectl -n NAMESPACE apply -f submit/kubernetes/rbac.yaml
# NAMESPACE, HEAP and OFFHEAP as the environment says. --print shows the command and runs nothing.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
run=exec
if [ "${1:-}" = --print ]; then
  run='printf %s\n'
  shift
fi
if [ $# -lt 5 ]; then
  sed -n 2,4p "$0" >&2
  exit 1
fi
server=$1 image=$2 executors=$3 cores=$4
shift 4
# shellcheck source=../cluster-options
. "$here/../cluster-options"
sparkface_memory "${HEAP:-4g}" "${OFFHEAP:-6g}"
home=${SPARK_HOME:?error: SPARK_HOME must name a Spark 3.5 distribution with Kubernetes support}
# Kubernetes: Spark makes the secret and hands it out by itself.
$run "$home/bin/spark-submit" --master "k8s://$server" --deploy-mode cluster --name sparkface \
  --conf "spark.kubernetes.namespace=${NAMESPACE:-default}" \
  --conf "spark.kubernetes.container.image=$image" \
  --conf spark.kubernetes.authenticate.driver.serviceAccountName=sparkface \
  --conf "spark.kubernetes.driver.podTemplateFile=$here/pod.yaml" \
  --conf "spark.kubernetes.executor.podTemplateFile=$here/pod.yaml" \
  --conf "spark.executor.instances=$executors" --conf "spark.executor.cores=$cores" \
  --conf spark.driver.memory=4g --conf spark.driver.memoryOverhead=4g \
  --conf spark.hadoop.fs.s3a.committer.name=magic \
  --conf spark.sql.sources.commitProtocolClass=org.apache.spark.internal.io.cloud.PathOutputCommitProtocol \
  --conf spark.sql.parquet.output.committer.class=org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter \
  "${sparkface_options[@]}" \
  --class io.sparkface.jobs.Main local:///opt/sparkface/sparkface.jar "$@"
