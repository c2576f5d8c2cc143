# Runs a server for as long as whoever holds the other end of standard input lives and wants it: at the end of that pipe every process of it is killed.
# A pipe, because a parent's death closes it however the parent dies.
# $1: the log; then the command. The first line of output is the process id of the command.
exec 3<&0
log=$1
shift
AERONA_LOCAL_SERVER=$$ setsid "$@" </dev/null >>"$log" 2>&1 3<&- &
server=$!
echo "$server"
exec 2>/dev/null   # a shell says aloud what was killed
# A process and all below it, children first. Some servers' children lead groups of their own.
tree() {
  for child in $(cat /proc/"$1"/task/*/children); do tree "$child"; done
  echo "$1"
}

(
  while read -r _ <&3; do :; done
  trap '' TERM
  kill -STOP "$server"   # so that it starts no more of them
  all=$(tree "$server")
  kill -KILL $all
  kill -KILL "-$server"
  for process in $all; do
    while grep -qs '^State:.[^ZX]' "/proc/$process/status"; do sleep 0.02; done
  done
) >/dev/null &
watcher=$!

wait "$server"
code=$?
# What it left behind, known by its group or by the mark in its environment, and until it is gone: on a loaded machine even the killed take their time.
left() {
  {
    grep -lsE "^[0-9]+ \(.*\) [^ZX] [0-9]+ $server " /proc/[0-9]*/stat
    grep -lsz "^AERONA_LOCAL_SERVER=$$\$" /proc/[0-9]*/environ
  } | cut -d/ -f3
}
while all=$(left); [ -n "$all" ]; do
  kill -KILL $all
  sleep 0.02
done
kill -TERM "$watcher"
wait "$watcher"
exit "$code"
