#!/bin/sh
# SeaweedFS in one process: only the S3 door listens on the network, the rest (master, volumes, filer) on this container's loopback.
# Keys come from the environment and are written to memory only.
set -eu
umask 077
: "${AERONA_S3_BUCKET:?is not set}"

cat > /tmp/s3.json <<JSON
{
  "identities": [
    {
      "name": "tickets",
      "credentials": [{ "accessKey": "${AERONA_S3_TICKETS_ACCESS_KEY:?is not set}", "secretKey": "${AERONA_S3_TICKETS_SECRET_KEY:?is not set}" }],
      "actions": ["Read:${AERONA_S3_BUCKET}", "Write:${AERONA_S3_BUCKET}", "List:${AERONA_S3_BUCKET}"]
    },
    {
      "name": "notifications",
      "credentials": [{ "accessKey": "${AERONA_S3_NOTIFICATIONS_ACCESS_KEY:?is not set}", "secretKey": "${AERONA_S3_NOTIFICATIONS_SECRET_KEY:?is not set}" }],
      "actions": ["Read:${AERONA_S3_BUCKET}"]
    }
  ]
}
JSON

# The S3 door's gRPC port listens where S3 does and could make identities: with a signing key it wants a token that only this process can make.
WEED_JWT_FILER_SIGNING_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
export WEED_JWT_FILER_SIGNING_KEY

# The health check waits for this file: who needs the bucket starts after it is there.
(
  until echo "s3.bucket.list" | weed shell -master=127.0.0.1:9333 2>/dev/null | grep -q "^ *${AERONA_S3_BUCKET}[[:space:]]"; do
    echo "s3.bucket.create -name ${AERONA_S3_BUCKET}" | weed shell -master=127.0.0.1:9333 >/dev/null 2>&1 || true
    sleep 1
  done
  touch /tmp/bucket-is-there
) &

exec weed -logtostderr=true server -dir=/data -ip=127.0.0.1 -ip.bind=127.0.0.1 \
  -master.telemetry=false -master.volumeSizeLimitMB=1024 -volume.max=16 \
  -filer -filer.exposeDirectoryData=false \
  -s3 -s3.ip.bind=0.0.0.0 -s3.port=8333 -s3.config=/tmp/s3.json -s3.iam=false \
  -s3.autoCreateBucket=false -s3.allowDeleteBucketNotEmpty=false -s3.port.iceberg=0 -s3.port.lance=0
