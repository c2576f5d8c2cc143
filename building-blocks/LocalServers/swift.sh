# Swift's five processes as one: they end together.
# Arguments: the folder, memcached's port, then the four servers' programs: account, container, object, proxy.
folder=$1
memcached -l 127.0.0.1 -p "$2" -U 0 -m 16 -u "$(id -un)" & all=$!
"$3" "$folder/account-server.conf" -v & all="$all $!"
"$4" "$folder/container-server.conf" -v & all="$all $!"
"$5" "$folder/object-server.conf" -v & all="$all $!"
"$6" "$folder/proxy-server.conf" -v & all="$all $!"
trap 'kill -TERM $all' TERM
wait
wait
