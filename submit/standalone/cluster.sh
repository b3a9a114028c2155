#!/usr/bin/env bash
# submit/standalone/cluster.sh master|worker MASTER_URL [CORES MEMORY]
# A daemon of a standalone cluster in the foreground, from SPARK_HOME or the Spark that the build laid out. The master
# listens where MASTER_URL says: spark://HOST:7077. With SPARK_AUTH_SECRET it takes only those who know it.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
if [ $# -lt 2 ]; then
  sed -n 2,4p "$0" >&2
  exit 1
fi
role=$1 url=$2 cores=${3:-$(nproc)} memory=${4:-4g}
export SPARK_HOME=${SPARK_HOME:-$here/../target/spark} SPARK_SCALA_VERSION=2.12
address=${url#spark://}
host=${address%:*} port=${address##*:}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
opens=(--add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED
       --add-opens=java.base/sun.nio.ch=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED)
if [ -n "${SPARK_AUTH_SECRET:-}" ]; then
  # by the environment, as a command line is seen by everyone on the machine
  export _SPARK_AUTH_SECRET=$SPARK_AUTH_SECRET
  opens+=(-Dspark.authenticate=true -Dspark.network.crypto.enabled=true)
fi
case $role in
  master)
    exec "$java" "${opens[@]}" -Xmx1g -cp "$SPARK_HOME/jars/*" org.apache.spark.deploy.master.Master \
      --host "$host" --port "$port" --webui-port "${WEBUI_PORT:-8080}" ;;
  worker)
    exec "$java" "${opens[@]}" -Xmx1g -cp "$SPARK_HOME/jars/*" org.apache.spark.deploy.worker.Worker \
      --cores "$cores" --memory "$memory" --work-dir "${SPARK_WORKER_DIR:-$(mktemp -d)}" \
      --webui-port "${WEBUI_PORT:-8081}" "$url" ;;
  *) echo "error: '$role' is neither master nor worker" >&2; exit 1 ;;
esac
