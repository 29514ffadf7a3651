#!/usr/bin/env bash
# Runs a command in a cgroup that ends it when its memory passes a limit, and says what it took at most; needs root on Linux.
#   tools/in-cgroup.sh MEGABYTES COMMAND [ARGUMENT...]
# The limit counts the page cache of the files that it reads and writes too, which the system takes back when room is short.
set -euo pipefail
[ $# -ge 2 ] || { echo "Usage: $0 MEGABYTES COMMAND [ARGUMENT...]" >&2; exit 2; }
bytes=$(($1 * 1000000))
shift
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  group=/sys/fs/cgroup/diffbir-$$ limit=memory.max peak=memory.peak failures=memory.events
elif [ -d /sys/fs/cgroup/memory ]; then
  group=/sys/fs/cgroup/memory/diffbir-$$ limit=memory.limit_in_bytes peak=memory.max_usage_in_bytes failures=memory.oom_control
else
  echo "There is no cgroup for memory on this machine." >&2
  exit 2
fi
mkdir "$group"
trap 'sleep 0.2; rmdir "$group"' EXIT
echo "$bytes" > "$group/$limit"
status=0
bash -c 'echo $$ > "$0/cgroup.procs"; exec "$@"' "$group" "$@" || status=$?
echo "limit $bytes bytes, at most $(cat "$group/$peak" 2>/dev/null || echo unknown); $(grep -w oom_kill "$group/$failures" || true); exit code $status" >&2
exit $status
