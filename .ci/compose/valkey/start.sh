#!/bin/sh
# A cache: nothing on disk, the oldest goes when memory is full. One user, for its own commands and keys; no default user.
set -eu
umask 077
cat > /tmp/users.acl <<ACL
user default off
user bookings on >${AERONA_VALKEY_BOOKINGS_PASSWORD:?is not set} ~aerona:* &* +@all -@admin -@dangerous +info +config|get +client +cluster
user health on nopass nocommands +ping
ACL
exec valkey-server --aclfile /tmp/users.acl --save '' --appendonly no --maxmemory 192mb --maxmemory-policy allkeys-lru --dir /tmp
